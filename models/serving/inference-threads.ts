/**
 * Manages the threads that bundles run in. A thread that a bundle has left waits for the next bundle. A new thread
 * for every swap would take four times the CPU, because it starts Node and its modules again, and its memory would be
 * released late. The model server starts one waiting thread at once, so that memory does not grow at the first swap.
 */
import { Worker } from 'node:worker_threads';
import { within } from '../../base/retry.ts';
import type { Answer } from '../../processors/predict/predictor.ts';
import { CastwatchError } from '../../base/errors.ts';
import type { Bundle } from '../bundle/bundle.ts';
import type { BundleShape, PackedRows } from './inference.ts';
import type { InferenceReply, InferenceRequest } from './inference-worker.ts';
import type { NamedBundle } from '../bundle/places.ts';

interface Pending {
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Maximum number of threads that wait for a bundle; others end. A swap needs one. */
const mostIdle = 1;
/** How long `close` waits for a lost thread to end, ms. The thread may only be slow. */
const longestEndMs = 5_000;

const idle: InferenceThread[] = [];

/** Starts a thread that waits for the next bundle, unless one waits already. */
export function keepOneReady(): void {
  if (idle.length === 0) new InferenceThread().rest();
}

export interface Opened {
  readonly thread: InferenceThread;
  readonly shape: BundleShape;
}

/**
 * @param patienceMs time until the thread is given up; a file system that hangs gives no error
 * @throws CastwatchError MODEL when the bundle cannot be loaded or run
 */
export async function openInThread(
  bundle: Bundle | NamedBundle,
  explain: boolean,
  patienceMs: number,
): Promise<Opened> {
  const thread = idle.pop() ?? new InferenceThread();
  try {
    return { thread, shape: await thread.open(bundle, explain, patienceMs) };
  } catch (error) {
    thread.rest();
    throw error;
  }
}

export class InferenceThread {
  readonly #worker = new Worker(new URL('inference-worker.ts', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  readonly #pending = new Map<number, Pending>();
  readonly #ended: Promise<void>;
  #opening: PromiseWithResolvers<BundleShape> | undefined;
  #closing: PromiseWithResolvers<undefined> | undefined;
  #bundle = '';
  #lastId = 0;
  #lost: Error | undefined;

  constructor() {
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#fail(new Error('it ended'));
        resolve();
      });
    });
    this.#worker.on('message', (reply: InferenceReply) => {
      this.#received(reply);
    });
    this.#worker.once('error', (error: Error) => {
      this.#fail(error);
    });
  }

  async open(bundle: Bundle | NamedBundle, explain: boolean, patienceMs: number): Promise<BundleShape> {
    this.#bundle = 'entry' in bundle ? bundle.entry.bundle : bundle.manifest.bundle;
    this.#closing = undefined;
    this.#opening = Promise.withResolvers();
    this.#send({ kind: 'open', bundle, explain });
    if (this.#lost !== undefined) throw this.#lost;
    const timer = setTimeout(() => {
      this.#giveUp(`it has not opened the bundle within ${patienceMs} ms; check that its folder can be read`);
    }, patienceMs);
    try {
      return await this.#opening.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param patienceMs time until the thread is given up; all its pending batches are then rejected */
  answer(batch: PackedRows, patienceMs: number): Promise<readonly Answer[]> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) {
        reject(this.#lost);
        return;
      }
      const id = (this.#lastId += 1);
      const timer = setTimeout(() => {
        this.#giveUp(`it gave no answer within ${patienceMs} ms`);
      }, patienceMs);
      this.#pending.set(id, { resolve, reject, timer });
      const { features, sequences, shares } = batch;
      this.#send({ kind: 'answer', id, batch }, [
        features.buffer,
        sequences.buffer,
        shares.buffer,
      ] as ArrayBuffer[]);
    });
  }

  isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Waits for batches in progress, then releases the bundle's memory. */
  async close(): Promise<void> {
    if (this.#lost === undefined) {
      this.#closing = Promise.withResolvers();
      this.#send({ kind: 'close' });
      await this.#closing.promise;
      this.rest();
    } else await within(longestEndMs, this.#ended, () => undefined);
  }

  /** Lets the thread wait for another bundle, or end when enough threads wait. */
  rest(): void {
    if (this.#lost !== undefined) return;
    if (idle.length < mostIdle) idle.push(this);
    else this.#send({ kind: 'end' });
    this.#worker.unref();
  }

  /** Asks the thread to end. Terminating it during a run of ONNX Runtime would crash the process. */
  #giveUp(why: string): void {
    this.#fail(new Error(why));
    this.#send({ kind: 'close' });
    this.#send({ kind: 'end' });
    this.#worker.unref();
  }

  /** A thread keeps the process alive while it has work; an idle thread does not. */
  #send(request: InferenceRequest, transfer: ArrayBuffer[] = []): void {
    this.#worker.ref();
    this.#worker.postMessage(request, transfer);
  }

  #received(reply: InferenceReply): void {
    if (reply.kind === 'answers') {
      const answered = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      clearTimeout(answered?.timer);
      answered?.resolve(reply.answers);
    } else if (reply.kind === 'ready') this.#opening?.resolve(reply.shape);
    else if (reply.kind === 'closed') this.#closing?.resolve(undefined);
    else {
      const { code, message, remedy } = reply;
      this.#opening?.reject(new CastwatchError(code, message, remedy === undefined ? {} : { remedy }));
    }
    const isClosing = this.#closing !== undefined && reply.kind !== 'closed';
    if (this.#pending.size === 0 && !isClosing) this.#worker.unref();
  }

  #fail(cause: Error): void {
    this.#lost ??= new CastwatchError(
      'MODEL',
      `the inference thread of ${this.#bundle} is lost: ${cause.message}`,
      {
        cause,
      },
    );
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(this.#lost);
    }
    this.#pending.clear();
    this.#opening?.reject(this.#lost);
    this.#closing?.resolve(undefined);
    const place = idle.indexOf(this);
    if (place >= 0) idle.splice(place, 1);
  }
}
