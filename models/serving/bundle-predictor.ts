/**
 * Runs a bundle in worker threads, so that the event loop is free. A row's answer depends on the row and the bundle
 * alone, bit for bit, in any batch and any worker.
 */
import '../onnx/no-telemetry.ts';
import { binRow } from '../../processors/reference/reference.ts';
import { unavailableAnswer, type Answer, type Predictor } from '../../processors/predict/predictor.ts';
import type { FeatureRow } from '../../schemas/generated/types.ts';
import { CastwatchError } from '../../base/errors.ts';
import type { Bundle } from '../bundle/bundle.ts';
import { sequenceOf } from '../data/labelled-dataset.ts';
import type { BundleShape, PackedRows } from './inference.ts';
import { openInThread, type InferenceThread } from './inference-threads.ts';
import type { NamedBundle } from '../bundle/places.ts';

/** A thread without an answer for this long is given up. */
const defaultPatienceMs = 120_000;

export interface PredictorOptions {
  /** Number of worker threads; they get batches in turn. */
  readonly workers?: number;
  /** Whether answers have contributions; default true. */
  readonly explain?: boolean;
  /** Time until a batch without an answer and its worker are given up, ms; default 120,000. */
  readonly patienceMs?: number;
  /** The same time for opening the bundle, ms; default 120,000. */
  readonly openingPatienceMs?: number;
}

export interface OpenPredictor extends Predictor {
  /** Waits for batches in progress, then releases the models' memory. Further calls are rejected. */
  close(): Promise<void>;
  /** Whether a worker has ended or was given up. Its batches are rejected. */
  isLost(): boolean;
}

/** @throws CastwatchError MODEL when the bundle cannot be loaded, or its models do not accept the manifest's inputs */
export async function createPredictor(
  bundle: Bundle | NamedBundle,
  options: PredictorOptions = {},
): Promise<OpenPredictor> {
  const { workers, shape } = await openAll(bundle, options);
  const { reference } = shape;
  let turn = 0;
  let closed = false;

  const ask = (rows: readonly FeatureRow[]): Promise<readonly Answer[]> => {
    const worker = workers[turn % workers.length];
    turn += 1;
    if (closed || worker === undefined) {
      return Promise.reject(
        new CastwatchError('MODEL', `bundle ${shape.bundle} got a batch after it was closed`),
      );
    }
    return worker.answer(pack(shape, rows), options.patienceMs ?? defaultPatienceMs);
  };

  return {
    bundle: shape.bundle,
    featureSet: shape.featureSet,
    threshold: shape.threshold,
    ...(reference && { binRow: (row: FeatureRow) => binRow(reference, row.asset, row.values) }),
    async predict(rows) {
      const refusals = rows.map((row) => refusal(shape, row));
      const asked = rows.filter((_, index) => refusals[index] === undefined);
      const answers = asked.length === 0 ? [] : await ask(asked);
      const next = answers.values();
      return refusals.map(
        (reason) =>
          (reason === undefined ? next.next().value : undefined) ?? unavailableAnswer(reason ?? 'no answer'),
      );
    },
    isLost: () => !closed && workers.some((worker) => worker.isLost()),
    async close() {
      closed = true;
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

interface Workers {
  readonly workers: readonly InferenceThread[];
  readonly shape: BundleShape;
}

/** Opens all workers. When one cannot be opened, it closes the others. */
async function openAll(bundle: Bundle | NamedBundle, options: PredictorOptions): Promise<Workers> {
  const { workers: count = 1, explain = true, openingPatienceMs = defaultPatienceMs } = options;
  const results = await Promise.allSettled(
    Array.from({ length: count }, () => openInThread(bundle, explain, openingPatienceMs)),
  );
  const opened = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const workers = opened.map(({ thread }) => thread);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(workers.map((worker) => worker.close()));
    throw failed.reason;
  }
  const shape = opened[0]?.shape;
  if (shape === undefined) throw new Error('a predictor needs a worker');
  return { workers, shape };
}

/**
 * The reason why the models cannot take a row; undefined when they can. The predict step has checked the feature set.
 */
function refusal({ bundle, features }: BundleShape, { values }: FeatureRow): string | undefined {
  if (values.length === features) return undefined;
  return `${bundle} takes ${features} features, and the row has ${values.length}`;
}

function pack(
  { features: columns, sequenceWidth: width }: BundleShape,
  rows: readonly FeatureRow[],
): PackedRows {
  const features = new Float64Array(rows.length * columns);
  const sequences = new Float32Array(rows.length * width).fill(Number.NaN);
  const shares = new Float64Array(rows.length * 2);
  rows.forEach((row, index) => {
    features.set(row.values, index * columns);
    if (row.sequence.length === width * 4) sequences.set(sequenceOf(row), index * width);
    shares[index * 2] = row.completeness;
    shares[index * 2 + 1] = row.repaired;
  });
  return { rows: rows.length, features, sequences, shares };
}
