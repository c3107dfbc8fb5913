/** Waits while a server is away: a broker that dies during a check ends neither the wait nor the comparison. */
import { Backoff } from '../base/retry.ts';
import { CastwatchError, type ErrorCode } from '../base/errors.ts';
import { messageOf } from '../base/text.ts';
import { StreamError } from '../stream/index.ts';

export interface OutageOptions {
  /** ms without an answer after which it gives up; default two minutes. */
  readonly patience?: number;
  /** Called for each attempt that failed because a server did not answer. */
  readonly onOutage?: (error: Error) => void;
  /** Returns the reason why waiting is pointless; undefined: keep waiting. */
  readonly hopeless?: () => string | undefined;
}

export const defaultPatience = 120_000;
const pauses = { first: 100, longest: 2_000 };

/**
 * Asks, and asks again while Kafka, the schema registry or the database does not answer.
 * @throws CastwatchError RECONCILIATION when waiting is pointless or has taken too long; any other error of `ask` as it is
 */
export async function throughOutages<T>(ask: () => Promise<T>, options: OutageOptions = {}): Promise<T> {
  const { patience = defaultPatience, onOutage, hopeless } = options;
  const backoff = new Backoff(pauses);
  let since: number | undefined;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isOutage(error)) throw error;
      onOutage?.(error);
      since ??= Date.now();
      const reason =
        hopeless?.() ?? (Date.now() - since > patience ? `no answer for ${patience / 1000} s` : undefined);
      if (reason !== undefined) throw noAnswer(error, reason);
      await backoff.pause();
    }
  }
}

function noAnswer(error: Error, reason: string): CastwatchError {
  return new CastwatchError(
    'RECONCILIATION',
    `The pipeline cannot be watched: ${messageOf(error)}; ${reason}.`,
    { cause: error, remedy: 'Check Kafka, the schema registry and the database, then run it again.' },
  );
}

const unavailable: ReadonlySet<ErrorCode> = new Set([
  'KAFKA_UNAVAILABLE',
  'REGISTRY_UNAVAILABLE',
  'DATABASE_UNAVAILABLE',
]);

function isOutage(error: unknown): error is Error {
  if (error instanceof StreamError) return error.code === 'BROKER_UNAVAILABLE';
  if (error instanceof CastwatchError) return unavailable.has(error.code);
  return error instanceof Error && isLostDatabase(error);
}

/** SQLSTATE classes of a server that goes or has no room, and Node's codes of a connection that failed. */
const lostCodes = /^(08|53300|57P0|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)/;
/** What the driver throws without a code. */
const lostTexts = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/;

const isLostDatabase = (error: Error): boolean =>
  'code' in error && typeof error.code === 'string'
    ? lostCodes.test(error.code)
    : lostTexts.test(error.message);
