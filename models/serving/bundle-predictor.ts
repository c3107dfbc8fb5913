/**
 * A bundle at work: rows in, answers out, off the event loop. A row's answer is a function of the row and the
 * bundle alone, bit for bit, whatever batch or worker it comes to.
 */
import '../onnx/no-telemetry.ts';
import { binRow } from '../../processors/reference/reference.ts';
import { unavailable, type Answer, type Predictor } from '../../processors/predict/predictor.ts';
import type { FeatureRow } from '../../schemas/generated/types.ts';
import { CastwatchError } from '../../base/errors.ts';
import type { Bundle } from '../bundle/bundle.ts';
import { sequenceOf } from '../data/labelled-dataset.ts';
import type { BundleShape, PackedRows } from './inference.ts';
import { openInThread, type InferenceThread } from './inference-threads.ts';
import type { NamedBundle } from '../bundle/places.ts';

/** A thread that gives no answer for so long gives none at all. */
const defaultPatienceMs = 120_000;

export interface PredictorOptions {
  /** Worker threads; batches go to them by turns. */
  readonly workers?: number;
  /** Whether answers come with contributions; default true. */
  readonly explain?: boolean;
  /** ms until a batch without an answer is given up, and its worker with it; default 120,000. */
  readonly patienceMs?: number;
  /** The same for a bundle that does not open. */
  readonly openingPatienceMs?: number;
}

export interface OpenPredictor extends Predictor {
  /** Lets what is under way finish, and gives the models' memory back. Further calls are rejected. */
  close(): Promise<void>;
  /** A worker has ended by itself; batches are rejected. */
  isLost(): boolean;
}

/** @throws CastwatchError MODEL when the bundle's models cannot be loaded or do not take its inputs. */
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
        new CastwatchError('MODEL', `bundle ${shape.bundle} was asked after it was closed`),
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
          (reason === undefined ? next.next().value : undefined) ?? unavailable(reason ?? 'no answer'),
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

/** When one cannot be opened, the others are still ours to close. */
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

/** Why a row cannot be put to the models. The predict step has checked the feature set before. */
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
