/**
 * A bundle at work: rows in, answers out, off the event loop. A row's answer is a function of the row and the
 * bundle alone, bit for bit, whatever batch or worker it comes to.
 */
import './onnx/no-telemetry.ts';
import { binRow } from '../processors/drift/histogram.ts';
import { unavailable, type Answer, type Predictor } from '../processors/predict/predictor.ts';
import type { FeatureRow } from '../schemas/generated/types.ts';
import { CastwatchError } from '../telemetry/errors.ts';
import type { Bundle } from './bundle.ts';
import { sequenceOf } from './dataset.ts';
import type { PackedRows } from './inference.ts';
import { sequenceWidth } from './inference.ts';
import { openInThread, type InferenceThread } from './inference-threads.ts';

/** A thread that gives no answer for so long gives none at all. */
const defaultPatienceMs = 120_000;

export interface PredictorOptions {
  /** Worker threads; batches go to them by turns. */
  readonly workers?: number;
  /** Whether answers come with contributions; default true. */
  readonly explain?: boolean;
  /** ms until a batch without an answer is given up, and its worker with it; default 120,000. */
  readonly patienceMs?: number;
}

export interface OpenPredictor extends Predictor {
  /** Lets what is under way finish, and gives the models' memory back. Further calls are rejected. */
  close(): Promise<void>;
  /** A worker has ended by itself; batches are rejected. */
  isLost(): boolean;
}

/** @throws CastwatchError MODEL when the bundle's models cannot be loaded or do not take its inputs. */
export async function createPredictor(
  bundle: Bundle,
  options: PredictorOptions = {},
): Promise<OpenPredictor> {
  const { manifest, reference } = bundle;
  const workers = await openAll(bundle, options);
  let turn = 0;
  let closed = false;

  const ask = (rows: readonly FeatureRow[]): Promise<readonly Answer[]> => {
    const worker = workers[turn % workers.length];
    turn += 1;
    if (closed || worker === undefined) {
      return Promise.reject(
        new CastwatchError('MODEL', `bundle ${manifest.bundle} was asked after it was closed`),
      );
    }
    return worker.answer(pack(bundle, rows), options.patienceMs ?? defaultPatienceMs);
  };

  return {
    bundle: manifest.bundle,
    featureSet: manifest.featureSet,
    threshold: manifest.threshold.value,
    ...(reference && { binRow: (row: FeatureRow) => binRow(reference, row.asset, row.values) }),
    async predict(rows) {
      const refusals = rows.map((row) => refusal(bundle, row));
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

/** When one cannot be opened, the others are still ours to close. */
async function openAll(bundle: Bundle, options: PredictorOptions): Promise<readonly InferenceThread[]> {
  const { workers = 1, explain = true } = options;
  const results = await Promise.allSettled(
    Array.from({ length: workers }, () => openInThread(bundle, explain)),
  );
  const opened = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return opened;
  await Promise.all(opened.map((worker) => worker.close()));
  throw failed.reason;
}

/** Why a row is not one that the bundle was trained for. */
function refusal({ manifest }: Bundle, row: FeatureRow): string | undefined {
  if (row.featureSet !== manifest.featureSet) {
    return `${manifest.bundle} was trained on feature set ${manifest.featureSet}, and the row is of ${row.featureSet}`;
  }
  if (row.values.length !== manifest.features.length) {
    return `${manifest.bundle} takes ${manifest.features.length} features, and the row has ${row.values.length}`;
  }
  return undefined;
}

function pack(bundle: Bundle, rows: readonly FeatureRow[]): PackedRows {
  const [columns, width] = [bundle.manifest.features.length, sequenceWidth(bundle)];
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
