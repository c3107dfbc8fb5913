/**
 * Waiting and retrying, for the product, the bench and the tests. Pauses and time limits are defined in `stream/`,
 * which imports nothing of ours.
 */
import { Backoff } from '../stream/retry.ts';

export { Backoff, pause, within, type BackoffOptions } from '../stream/retry.ts';

export interface UntilOptions {
  /** How long to wait, ms; default 25,000. */
  readonly timeout?: number;
  /** What to do when the condition throws: `fail` (the default) throws the error, `retry` calls it again. */
  readonly onError?: 'fail' | 'retry';
}

const defaultTimeout = 25_000;
/** The first pause is short, because the condition is often nearly met. */
const pauses = { first: 5, longest: 50 };

/**
 * Calls `condition` until its answer is neither false nor undefined.
 * @param what names what it waits for, in the error: "the broker to answer"
 * @returns the answer
 * @throws Error after the timeout. Its cause is the last error of the condition, if there is one
 */
export async function until<T>(
  what: string | (() => string),
  condition: () => T | false | undefined | Promise<T | false | undefined>,
  { timeout = defaultTimeout, onError = 'fail' }: UntilOptions = {},
): Promise<T> {
  const end = Date.now() + timeout;
  const backoff = new Backoff(pauses);
  let cause: unknown;
  for (;;) {
    try {
      const answer = await condition();
      if (answer !== false && answer !== undefined) return answer;
      cause = undefined;
    } catch (error) {
      if (onError === 'fail') throw error;
      cause = error;
    }
    if (Date.now() > end) {
      const subject = typeof what === 'string' ? what : what();
      throw new Error(`Waited ${timeout / 1000} s in vain for ${subject}`, { cause });
    }
    await backoff.pause();
  }
}
