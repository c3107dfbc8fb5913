/** Retrying and waiting: pauses that grow, pauses that a signal ends early, and time limits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { toError } from './errors.ts';

export interface BackoffOptions {
  /** The first pause, ms. */
  readonly first: number;
  /** No pause is longer, ms; by default the pauses grow without limit. */
  readonly longest?: number;
}

/** More would no longer be a time. */
const mostDoublings = 40;

/** The pauses between attempts: each is twice as long as the one before, up to the longest. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  #failures = 0;

  constructor({ first, longest = Number.POSITIVE_INFINITY }: BackoffOptions) {
    this.#first = first;
    this.#longest = longest;
  }

  /** Number of pauses since the beginning or the last `reset`. */
  get failures(): number {
    return this.#failures;
  }

  /** @returns how long to wait before the next attempt, ms */
  next(): number {
    this.#failures += 1;
    return Math.min(this.#first * 2 ** Math.min(this.#failures - 1, mostDoublings), this.#longest);
  }

  /** Waits before the next attempt. The signal ends the pause early, without an error. */
  async pause(signal?: AbortSignal): Promise<void> {
    await pause(this.next(), signal);
  }

  /** Call it when an attempt has succeeded: the next failure counts as the first again. */
  reset(): void {
    this.#failures = 0;
  }
}

/** Waits. The signal ends the pause early, without an error. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

/**
 * Waits for the promise, but not longer than `ms`. After that, the result is what `late` returns or throws. The promise
 * itself continues; its result is then ignored, and so is its failure.
 */
export async function within<T, Late>(ms: number, promise: Promise<T>, late: () => Late): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Late>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(toError(error));
      }
    }, ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
