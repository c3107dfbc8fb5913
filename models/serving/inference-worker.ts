/** The code of an inference thread. It runs one bundle at a time, and its batches in the order in which they arrive. */
import { Session } from 'node:inspector';
import { parentPort } from 'node:worker_threads';
import type { Answer } from '../../processors/predict/predictor.ts';
import { CastwatchError, type ErrorCode } from '../../base/errors.ts';
import type { Bundle } from '../bundle/bundle.ts';
import { createInference, shapeOf, type BundleShape, type Inference, type PackedRows } from './inference.ts';
import { loadNamed, type NamedBundle } from '../bundle/places.ts';

export type InferenceRequest =
  /** A named bundle is read, checked and parsed in this thread, so that the thread that serves data can continue. */
  | { readonly kind: 'open'; readonly bundle: Bundle | NamedBundle; readonly explain: boolean }
  | { readonly kind: 'answer'; readonly id: number; readonly batch: PackedRows }
  /** Releases the bundle's memory. */
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
    reply({
      kind: 'ready',
      shape: { ...shapeOf(bundle), ...('rows' in what && { featureSet: what.rows.featureSet }) },
    });
  } catch (error) {
    if (!(error instanceof CastwatchError)) throw error;
    reply({ kind: 'refused', code: error.code, message: error.message, remedy: error.remedy });
    await collectGarbage();
  }
}

/**
 * Collects garbage while the thread is idle. An idle thread allocates nothing, so V8 does not start a collection
 * itself. The garbage is the source code of its modules, a bundle's files, and its trees as JSON and as objects.
 */
async function collectGarbage(): Promise<void> {
  const session = new Session();
  session.connect();
  // Do not disconnect in the callback: it is called during the collection, and disconnecting would never return.
  await new Promise((resolve) => {
    session.post('HeapProfiler.collectGarbage', () => setImmediate(resolve));
  });
  session.disconnect();
}

let last: Promise<void> = collectGarbage();
// A rejection here is unhandled on purpose: it ends the thread, and the predictor reports it.
port?.on('message', (request: InferenceRequest) => {
  last = last.then(() => handle(request));
});
