/**
 * A bundle at work: rows in, answers out, off the event loop. A row's answer is a function of the row and the
 * bundle alone, bit for bit, whatever batch or worker it comes to.
 */
import './onnx/no-telemetry.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { binRow } from '../processors/drift/histogram.ts';
import { unavailable, type Answer, type Predictor } from '../processors/predict/predictor.ts';
import type { FeatureRow } from '../schemas/generated/types.ts';
import { CastwatchError } from '../telemetry/errors.ts';
import type { Bundle } from './bundle.ts';
import { sequenceOf } from './dataset.ts';
import type { PackedRows } from './inference.ts';
import { sequenceWidth } from './inference.ts';
import type { Reply, Request, WorkerData } from './inference-worker.ts';

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
    return worker.answer(pack(bundle, rows));
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
async function openAll(bundle: Bundle, options: PredictorOptions): Promise<readonly InferenceWorker[]> {
  const { workers = 1 } = options;
  const results = await Promise.allSettled(
    Array.from({ length: workers }, () => openWorker(bundle, options)),
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

interface InferenceWorker {
  answer(batch: PackedRows): Promise<readonly Answer[]>;
  isLost(): boolean;
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A worker that gives no answer for so long gives none at all. */
const defaultPatienceMs = 120_000;
/** So long a lost one is waited for: it may be just slow. */
const longestEndMs = 5_000;

function openWorker(
  bundle: Bundle,
  { explain = true, patienceMs = defaultPatienceMs }: PredictorOptions,
): Promise<InferenceWorker> {
  const worker = new Worker(new URL('inference-worker.ts', import.meta.url), {
    workerData: { bundle, explain } satisfies WorkerData,
    execArgv: [],
  });
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let lost: Error | undefined;
  const ended = new Promise<void>((resolve) =>
    worker.once('exit', () => {
      resolve();
    }),
  );
  const fail = (cause: unknown): void => {
    lost ??= new CastwatchError('MODEL', `the inference worker of ${bundle.manifest.bundle} is gone`, {
      cause,
    });
    for (const { reject, timer } of pending.values()) {
      clearTimeout(timer);
      reject(lost);
    }
    pending.clear();
  };

  const opened: InferenceWorker = {
    answer: (batch) =>
      new Promise((resolve, reject) => {
        if (lost !== undefined) {
          reject(lost);
          return;
        }
        lastId += 1;
        const timer = setTimeout(() => {
          fail(new Error(`it gave no answer within ${patienceMs} ms`));
          // Not ended by force: ONNX Runtime in mid-run would take the whole process with it. If it ever comes
          // to an end, it ends itself.
          worker.postMessage({ kind: 'close' } satisfies Request);
          worker.unref();
        }, patienceMs);
        pending.set(lastId, { resolve, reject, timer });
        worker.ref();
        const { features, sequences, shares } = batch;
        const request: Request = { kind: 'answer', id: lastId, batch };
        worker.postMessage(request, [features.buffer, sequences.buffer, shares.buffer] as ArrayBuffer[]);
      }),
    isLost: () => lost !== undefined,
    close: async () => {
      if (lost !== undefined) {
        await Promise.race([ended, sleep(longestEndMs, undefined, { ref: false })]);
        return;
      }
      // Whoever waits for the end of an idle worker keeps the process alive for it.
      worker.ref();
      worker.postMessage({ kind: 'close' } satisfies Request);
      await ended;
    },
  };

  return new Promise((resolve, reject) => {
    worker.on('message', (reply: Reply) => {
      if (reply.kind === 'ready') {
        // An idle worker does not keep the process alive.
        worker.unref();
        resolve(opened);
      } else if (reply.kind === 'refused') {
        reject(
          new CastwatchError(
            reply.code,
            reply.message,
            reply.remedy === undefined ? {} : { remedy: reply.remedy },
          ),
        );
      } else {
        const answered = pending.get(reply.id);
        pending.delete(reply.id);
        clearTimeout(answered?.timer);
        answered?.resolve(reply.answers);
        if (pending.size === 0) worker.unref();
      }
    });
    worker.once('error', (error) => {
      fail(error);
      reject(error instanceof Error ? error : new Error(String(error)));
    });
    worker.once('exit', () => {
      fail(new Error('it ended'));
      reject(
        new CastwatchError(
          'MODEL',
          `the inference worker of ${bundle.manifest.bundle} ended before it was ready`,
        ),
      );
    });
  });
}
