/** The inference worker thread: opens a bundle, then answers batches in the order in which they come. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer } from '../processors/predict/predictor.ts';
import { CastwatchError } from '../telemetry/errors.ts';
import type { ErrorCode } from '../telemetry/errors.ts';
import type { Bundle } from './bundle.ts';
import { createInference } from './inference.ts';
import type { Inference, PackedRows } from './inference.ts';

export interface WorkerData {
  readonly bundle: Bundle;
  readonly explain: boolean;
}

export type Request =
  { readonly kind: 'answer'; readonly id: number; readonly batch: PackedRows } | { readonly kind: 'close' };

export type Reply =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
      readonly remedy: string | undefined;
    }
  | { readonly kind: 'answers'; readonly id: number; readonly answers: readonly Answer[] };

const port = parentPort;
const reply = (message: Reply): void => port?.postMessage(message);

try {
  const { bundle, explain } = workerData as WorkerData;
  serve(await createInference(bundle, explain));
  reply({ kind: 'ready' });
} catch (error) {
  if (!(error instanceof CastwatchError)) throw error;
  reply({ kind: 'refused', code: error.code, message: error.message, remedy: error.remedy });
}

function serve(inference: Inference): void {
  let last: Promise<void> = Promise.resolve();
  const handle = async (request: Request): Promise<void> => {
    if (request.kind === 'answer') {
      reply({ kind: 'answers', id: request.id, answers: await inference.answer(request.batch) });
      return;
    }
    await inference.close();
    port?.close();
  };
  // A rejection here is left unhandled on purpose: it ends the worker, and the predictor reports it.
  port?.on('message', (request: Request) => {
    last = last.then(() => handle(request));
  });
}
