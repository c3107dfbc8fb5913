/** Decides which failures to retry, and when. */
import { StreamError, toError } from '../errors.ts';
import { Backoff, pause } from '../retry.ts';
import { ProtocolError, passing } from './protocol/error-codes.ts';

/** The previous transaction usually completes within a few ms, so the first retries come soon. */
const pauses = { first: 1, longest: 100 };

/** The connection failed, so it is unknown whether the broker carried out the request. */
export const isConnectionError = (error: unknown): boolean =>
  error instanceof StreamError
    ? error.code === 'BROKER_UNAVAILABLE'
    : error instanceof Error && error.name.startsWith('KafkaJS');

/** A retry may succeed. Only for requests that may be carried out twice without harm. */
export const mayPass = (error: unknown): boolean =>
  error instanceof ProtocolError ? passing.has(error.type) : isConnectionError(error);

/**
 * Repeats an attempt while its error `isPassing`, until `deadline` (a time of `performance.now()`).
 * Before each retry, `beforeNext` may fix the cause of the error.
 */
export async function persist<T>(
  deadline: number,
  attempt: () => Promise<T>,
  beforeNext: (error: Error) => void = () => undefined,
  isPassing: (error: unknown) => boolean = mayPass,
): Promise<T> {
  const backoff = new Backoff(pauses);
  for (;;) {
    const rest = backoff.next();
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error) || performance.now() + rest > deadline) throw error;
      beforeNext(toError(error));
    }
    await pause(rest);
  }
}
