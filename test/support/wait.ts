/** Waiting for what must come true, in place of sleeping, and in less time than mocha gives a test. */
import { until } from '../../base/retry.ts';

/**
 * Resolves with the first answer that is neither false nor undefined. A condition that throws is asked again; its
 * last error becomes the cause of the time-out's.
 */
export const waitFor = <T>(
  condition: () => T | false | undefined | Promise<T | false | undefined>,
  what: string,
  timeout = 15_000,
): Promise<T> => until(what, condition, { timeout, onError: 'retry' });
