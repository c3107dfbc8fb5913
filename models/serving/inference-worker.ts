/** An inference thread: runs one bundle at a time, batches in the order in which they come, and then the next bundle. */
import { Session } from 'node:inspector';
import { parentPort } from 'node:worker_threads';
import type { Answer } from '../../processors/predict/predictor.ts';
import { CastwatchError, type ErrorCode } from '../../base/errors.ts';
import type { Bundle } from '../bundle/bundle.ts';
import { createInference, shapeOf, type BundleShape, type Inference, type PackedRows } from './inference.ts';
import { loadNamed, type NamedBundle } from '../bundle/places.ts';

export type InferenceRequest =
  /** What is only named is read, checked and parsed here: the thread that serves data is not kept from it. */
  | { readonly kind: 'open'; readonly bundle: Bundle | NamedBundle; readonly explain: boolean }
  | { readonly kind: 'answer'; readonly id: number; readonly batch: PackedRows }
  /** Gives the bundle's memory back. */
  | { readonly kind: 'close' }
  /** Ends the thread. */
  | { readonly kind: 'end' };

export type InferenceReply =
  | { readonly kind: 'ready'; readonly shape: BundleShape }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
      readonly remedy: string | undefined;
    }
  | { readonly kind: 'answers'; readonly id: number; readonly answers: readonly Answer[] }
  | { readonly kind: 'closed' };

const port = parentPort;
const reply = (message: InferenceReply): void => port?.postMessage(message);

let inference: Inference | undefined;

async function handle(request: InferenceRequest): Promise<void> {
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
      await collectGarbage();
      return;
    case 'end':
      port?.close();
  }
}

async function open(what: Bundle | NamedBundle, explain: boolean): Promise<void> {
  try {
    const bundle = 'entry' in what ? loadNamed(what) : what;
    inference = await createInference(bundle, explain);
    reply({ kind: 'ready', shape: shapeOf(bundle) });
  } catch (error) {
    if (!(error instanceof CastwatchError)) throw error;
    reply({ kind: 'refused', code: error.code, message: error.message, remedy: error.remedy });
    await collectGarbage();
  }
}

/**
 * For when nobody waits for the thread. One that is idle allocates nothing, and so V8 sees no reason to look for what
 * is garbage: the sources that it started from, a bundle's files, its trees as JSON and as objects.
 */
async function collectGarbage(): Promise<void> {
  const session = new Session();
  session.connect();
  // Not to be disconnected in its callback, which is called from within the collection: that would never return.
  await new Promise((resolve) => {
    session.post('HeapProfiler.collectGarbage', () => setImmediate(resolve));
  });
  session.disconnect();
}

let last: Promise<void> = collectGarbage();
// A rejection here is left unhandled on purpose: it ends the thread, and the predictor reports it.
port?.on('message', (request: InferenceRequest) => {
  last = last.then(() => handle(request));
});
