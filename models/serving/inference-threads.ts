/**
 * The threads that bundles run in. A thread that a bundle has left waits for the next one: a new thread for every swap
 * takes four times the CPU (starting Node and its modules again), and memory that comes back late. Whoever swaps has
 * one wait from the start, so that memory is from then on what it will be.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
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

/** So many threads wait for a next bundle; more of them end. One is what a swap needs. */
const mostIdle = 1;
/** So long a lost one is waited for: it may be just slow. */
const longestEndMs = 5_000;

const idle: InferenceThread[] = [];

/** Has a thread wait for the next bundle, where none does. */
export function keepOneReady(): void {
  if (idle.length === 0) new InferenceThread().rest();
}

export interface Opened {
  readonly thread: InferenceThread;
  readonly shape: BundleShape;
}

/**
 * @param patienceMs after which the thread is given up: a file system that hangs says nothing
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
      this.#giveUp(`it has not opened the bundle within ${patienceMs} ms: can its folder be read?`);
    }, patienceMs);
    try {
      return await this.#opening.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param patienceMs after which it is given up, and all that wait for it with it */
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

  /** Lets what is under way finish, and gives the bundle's memory back. */
  async close(): Promise<void> {
    if (this.#lost === undefined) {
      this.#closing = Promise.withResolvers();
      this.#send({ kind: 'close' });
      await this.#closing.promise;
      this.rest();
    } else await Promise.race([this.#ended, sleep(longestEndMs, undefined, { ref: false })]);
  }

  /** Waits for a next bundle, or ends when enough do. */
  rest(): void {
    if (this.#lost !== undefined) return;
    if (idle.length < mostIdle) idle.push(this);
    else this.#send({ kind: 'end' });
    this.#worker.unref();
  }

  /** Not ended by force: ONNX Runtime in mid-run would take the whole process with it. It ends itself, if ever. */
  #giveUp(why: string): void {
    this.#fail(new Error(why));
    this.#send({ kind: 'close' });
    this.#send({ kind: 'end' });
    this.#worker.unref();
  }

  /** Whoever waits for an answer keeps the process alive for it; an idle thread does not. */
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
      `the inference thread of ${this.#bundle} is gone: ${cause.message}`,
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
