/** Runs a bundle's models over batches of rows. It blocks its thread, so it is used in the worker. */
import type { Reference } from '../../processors/reference/reference.ts';
import type { Answer } from '../../processors/predict/predictor.ts';
import type { Contribution } from '../../schemas/generated/types.ts';
import { CastwatchError } from '../../base/errors.ts';
import { answerOf, type Opinion, type Opinions } from './answer.ts';
import { readForest, type Bundle } from '../bundle/bundle.ts';
import { at } from '../numbers/matrix.ts';
import { hideEach, tagReasons } from './occlusion.ts';
import { floatsOf, openSession, tensor, type Session } from '../onnx/session.ts';
import { SeededRandom } from '../../base/random.ts';
import { forestsByClass } from '../learners/trees/forest.ts';
import { explainable } from '../learners/trees/treeshap.ts';

/** Rows packed into arrays to send to the worker. */
export interface PackedRows {
  readonly rows: number;
  /** [rows × features], NaN for missing. */
  readonly features: Float64Array;
  /** [rows × steps × channels]; all NaN for a row without a sequence. */
  readonly sequences: Float32Array;
  /** For each row, its completeness and its share of repaired values. */
  readonly shares: Float64Array;
}

export interface Inference {
  answer(batch: PackedRows): Promise<Answer[]>;
  close(): Promise<void>;
}

/** The facts of a bundle that the caller needs to send rows. */
export interface BundleShape {
  readonly bundle: string;
  readonly featureSet: string;
  readonly features: number;
  /** The number of values in a row's sequence; 0 without a sequence. */
  readonly sequenceWidth: number;
  readonly threshold: number;
  readonly reference: Reference | undefined;
}

export const shapeOf = (bundle: Bundle): BundleShape => ({
  bundle: bundle.manifest.bundle,
  featureSet: bundle.manifest.featureSet,
  features: bundle.manifest.features.length,
  sequenceWidth: sequenceWidth(bundle),
  threshold: bundle.manifest.threshold.value,
  reference: bundle.reference,
});

/** The LSTM does not get a sequence with a larger share of missing values. */
const mostMissing = 0.5;
const largestBatch = 256;

/**
 * @param explain whether answers have contributions
 * @throws CastwatchError MODEL when a model cannot be loaded, or does not accept the inputs that the manifest names
 */
export async function createInference(bundle: Bundle, explain = true): Promise<Inference> {
  const { manifest } = bundle;
  const forests = explain ? forestsByClass(readForest(bundle)).map(explainable) : [];
  const [features, width] = [manifest.features.length, sequenceWidth(bundle)];
  const sessions = await openAll(bundle);
  const batch = await rowsPerRun(bundle, sessions).catch(async (error: unknown) => {
    // A session that is not released keeps its memory.
    for (const session of sessions) await session.release();
    throw error;
  });

  const answerSome = async (packed: PackedRows, from: number, until: number): Promise<Answer[]> => {
    const rows = until - from;
    const values = packed.features.subarray(from * features, until * features);
    const sequences = packed.sequences.subarray(from * width, until * width);
    const raw = await runMembers(bundle, sessions, Float32Array.from(values), sequences, rows);
    const answers = Array.from({ length: rows }, (_, row): Answer => {
      const opinions: Opinions = {
        values: values.subarray(row * features, (row + 1) * features),
        completeness: at(packed.shares, 2 * (from + row)),
        repaired: at(packed.shares, 2 * (from + row) + 1),
        members: opinionsOf(bundle, raw, sequences, row),
      };
      return answerOf(manifest, forests, opinions);
    });
    for (const [row, answer] of answers.entries()) {
      if ((answer.probability ?? 0) < manifest.threshold.value) continue;
      const sequence = sequences.subarray(row * width, (row + 1) * width);
      const reasons = await sequenceReasons(bundle, sessions, sequence, answer, (member) =>
        at(raw[member] ?? [], row),
      );
      if (reasons.length > 0)
        answers[row] = { ...answer, contributions: [...answer.contributions, ...reasons] };
    }
    return answers;
  };

  return {
    async answer(packed) {
      const answers: Answer[] = [];
      for (let from = 0; from < packed.rows; from += batch) {
        answers.push(...(await answerSome(packed, from, Math.min(packed.rows, from + batch))));
      }
      return answers;
    },
    async close() {
      for (const session of sessions) await session.release();
    },
  };
}

/** The contributions of the tags to the members that use the sequence and have a weight in this answer. */
async function sequenceReasons(
  { manifest }: Bundle,
  sessions: readonly Session[],
  sequence: Float32Array,
  answer: Answer,
  rawOf: (member: number) => number,
): Promise<Contribution[]> {
  const { sequence: shape } = manifest;
  if (shape?.words === undefined) return [];
  const reasons: Contribution[] = [];
  for (const [index, member] of manifest.members.entries()) {
    if (member.input !== 'sequence' || (answer.models[index]?.weight ?? 0) === 0) continue;
    const hidden = hideEach(sequence, shape.channels);
    // The number of rows is always the same, so a row's reasons do not depend on its batch.
    const outputs = await sessions[index]?.run({
      sequence: tensor(hidden, [shape.channels, shape.steps, shape.channels]),
    });
    if (outputs === undefined) continue;
    reasons.push(...tagReasons(manifest, member, sequence, rawOf(index), floatsOf(outputs, 'probability')));
  }
  return reasons;
}

export const sequenceWidth = ({ manifest: { sequence } }: Bundle): number =>
  sequence === null ? 0 : sequence.steps * sequence.channels;

/** Each member's opinion of one row of a batch, in the manifest's order: a raw probability, or why there is none. */
export function opinionsOf(
  bundle: Bundle,
  raw: readonly Float32Array[],
  sequences: Float32Array,
  row: number,
): Opinion[] {
  const width = sequenceWidth(bundle);
  const classes = bundle.manifest.classes?.names.length;
  return bundle.manifest.members.map((member, index) => {
    const sequence = sequences.subarray(row * width, (row + 1) * width);
    const lacking = member.input === 'sequence' && missingShare(sequence) > mostMissing;
    if (lacking) return 'more than half of its sequence is missing';
    const mine = raw[index] ?? new Float32Array();
    return classes === undefined ? at(mine, row) : mine.slice(row * classes, (row + 1) * classes);
  });
}

/** @throws CastwatchError MODEL when a model cannot run */
export async function openAll(bundle: Bundle): Promise<Session[]> {
  const sessions: Session[] = [];
  for (const { file } of bundle.manifest.members) {
    try {
      sessions.push(await openSession(bundle.models[file] ?? new Uint8Array()));
    } catch (cause) {
      for (const session of sessions) await session.release();
      throw new CastwatchError(
        'MODEL',
        `bundle ${bundle.manifest.bundle}: ONNX Runtime cannot load ${file}`,
        {
          cause,
          remedy: 'Train the bundle again, or go back to an earlier one.',
        },
      );
    }
  }
  return sessions;
}

/** The raw probabilities of each member, in the manifest's order. */
export async function runMembers(
  { manifest }: Bundle,
  sessions: readonly Session[],
  features: Float32Array,
  sequences: Float32Array,
  rows: number,
): Promise<Float32Array[]> {
  const results: Float32Array[] = [];
  for (const [index, { input }] of manifest.members.entries()) {
    const steps = manifest.sequence?.steps ?? 0;
    const feed =
      input === 'features'
        ? { features: tensor(features, [rows, manifest.features.length]) }
        : { sequence: tensor(sequences, [rows, steps, manifest.sequence?.channels ?? 0]) };
    const outputs = await sessions[index]?.run(feed);
    results.push(outputs === undefined ? new Float32Array() : floatsOf(outputs, 'probability'));
  }
  return results;
}

/**
 * The maximum number of rows in one run.
 * @throws CastwatchError MODEL when the models do not accept the inputs that the manifest names
 */
export const rowsPerRun = async (bundle: Bundle, sessions: readonly Session[]): Promise<number> =>
  (await sameBitsInBatches(bundle, sessions)) ? largestBatch : 1;

/**
 * Whether this machine's matrix kernels give a row the same bits alone and in a batch, because answers must not
 * depend on the batch. If they do not, rows run one by one. This probe also warms up the models and checks their
 * inputs.
 */
async function sameBitsInBatches(bundle: Bundle, sessions: readonly Session[]): Promise<boolean> {
  const rows = 37;
  const random = new SeededRandom(1, 'probe');
  const [columns, width] = [bundle.manifest.features.length, sequenceWidth(bundle)];
  const features = Float32Array.from({ length: rows * columns }, () => random.normal() * 3);
  const sequences = Float32Array.from({ length: rows * width }, () => random.normal());
  const run = async (size: number): Promise<number[]> => {
    const bits: number[] = [];
    for (let from = 0; from < rows; from += size) {
      const until = Math.min(rows, from + size);
      const [some, ahead] = [
        features.subarray(from * columns, until * columns),
        sequences.subarray(from * width, until * width),
      ];
      const results = await runMembers(bundle, sessions, some, ahead, until - from);
      // Of a model with classes, take the first class.
      for (let row = 0; row < until - from; row += 1)
        bits.push(...results.map((result) => at(result, (row * result.length) / (until - from))));
    }
    return bits;
  };
  try {
    const together = await run(rows);
    const others = [await run(1), await run(5), await run(16)];
    return others.every((other) => other.every((value, index) => Object.is(value, together[index])));
  } catch (cause) {
    throw new CastwatchError(
      'MODEL',
      `bundle ${bundle.manifest.bundle}: its models do not accept the inputs that its manifest names`,
      {
        cause,
        remedy: 'Train the bundle again, or go back to an earlier one.',
      },
    );
  }
}

function missingShare(sequence: Float32Array): number {
  let missing = 0;
  for (const value of sequence) if (Number.isNaN(value)) missing += 1;
  return sequence.length === 0 ? 1 : missing / sequence.length;
}
