/** An inference thread: runs one bundle at a time, batches in the order in which they come, and then the next bundle. */
import { parentPort } from 'node:worker_threads';
import type { Answer } from '../processors/predict/predictor.ts';
import { CastwatchError } from '../telemetry/errors.ts';
import type { ErrorCode } from '../telemetry/errors.ts';
import type { Bundle } from './bundle.ts';
import { createInference } from './inference.ts';
import type { Inference, PackedRows } from './inference.ts';

export type Request =
  | { readonly kind: 'open'; readonly bundle: Bundle; readonly explain: boolean }
  | { readonly kind: 'answer'; readonly id: number; readonly batch: PackedRows }
  /** Gives the bundle's memory back. */
  | { readonly kind: 'close' }
  /** Ends the thread. */
  | { readonly kind: 'end' };

export type Reply =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
      readonly remedy: string | undefined;
    }
  | { readonly kind: 'answers'; readonly id: number; readonly answers: readonly Answer[] }
  | { readonly kind: 'closed' };

const port = parentPort;
const reply = (message: Reply): void => port?.postMessage(message);

let inference: Inference | undefined;

async function handle(request: Request): Promise<void> {
  switch (request.kind) {
    case 'open':
      await open(request.bundle, request.explain);
      return;
    case 'answer': {
      if (inference === undefined) throw new Error('a batch came before a bundle');
      reply({ kind: 'answers', id: request.id, answers: await inference.answer(request.batch) });
      return;
    }
    case 'close':
      await inference?.close();
      inference = undefined;
      reply({ kind: 'closed' });
      return;
    case 'end':
      port?.close();
  }
}

async function open(bundle: Bundle, explain: boolean): Promise<void> {
  try {
    inference = await createInference(bundle, explain);
    reply({ kind: 'ready' });
  } catch (error) {
    if (!(error instanceof CastwatchError)) throw error;
    reply({ kind: 'refused', code: error.code, message: error.message, remedy: error.remedy });
  }
}

let last: Promise<void> = Promise.resolve();
// A rejection here is left unhandled on purpose: it ends the thread, and the predictor reports it.
port?.on('message', (request: Request) => {
  last = last.then(() => handle(request));
});
