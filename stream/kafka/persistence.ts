/** Asking again: which failures pass, and how soon to try. */
import { StreamError, toError } from '../errors.ts';
import { Backoff, pause } from '../retry.ts';
import { ProtocolError, passing } from './protocol/errors.ts';

/** The last transaction usually completes within a few ms: the first repetitions come soon. */
const pauses = { first: 1, longest: 100 };

/** The connection failed, so nobody knows whether the request was carried out. */
export const isConnectionError = (error: unknown): boolean =>
  error instanceof StreamError
    ? error.code === 'BROKER_UNAVAILABLE'
    : error instanceof Error && error.name.startsWith('KafkaJS');

/** Trying again may help, for a request that does no harm when it is carried out twice. */
export const mayPass = (error: unknown): boolean =>
  error instanceof ProtocolError ? passing.has(error.type) : isConnectionError(error);

/**
 * Repeats what fails with an error that `isPassing`, until `deadline` (of `performance.now()`).
 * `beforeNext` mends what it can, given the error.
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
