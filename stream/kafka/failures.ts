/** Translates failures of the protocol into the runtime's errors. */
import { StreamError, hasBrokerError, isRefused, messageOf } from '../errors.ts';
import { Backoff } from '../retry.ts';

const kafkaErrorType = (error: unknown): string | undefined => {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('type' in at && typeof at.type === 'string') return at.type;
  }
  return undefined;
};

const fencedTypes = new Set([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
]);

/** Makes the runtime's error for a failed transaction. */
export function transactionError(transactionalId: string, cause: unknown): StreamError {
  if (cause instanceof StreamError && cause.code === 'TRANSACTION_ABORTED') return cause;
  const type = kafkaErrorType(cause);
  const text = messageOf(cause);
  if (type !== undefined && fencedTypes.has(type)) {
    return new StreamError(
      'FENCED',
      `${transactionalId}: a newer producer has this transactional id (${type})`,
      { cause },
    );
  }
  return new StreamError(
    'TRANSACTION_ABORTED',
    `${transactionalId}: the transaction was not committed: ${text}`,
    { cause },
  );
}

const busyTypes = new Set([
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_COORDINATOR_FOR_GROUP',
]);

/** The coordinator is still busy with an earlier request, or is starting. It will answer a moment later. */
const isBusyCoordinator = (error: unknown): boolean => busyTypes.has(kafkaErrorType(error) ?? '');

const coordinatorPauses = { first: 5, longest: 500 };
const coordinatorRetries = 20;

/** Repeats requests that kafkajs itself does not repeat. */
export async function whenCoordinatorIsReady<T>(request: () => Promise<T>): Promise<T> {
  const backoff = new Backoff(coordinatorPauses);
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (backoff.failures >= coordinatorRetries || !isBusyCoordinator(error)) throw error;
      await backoff.pause();
    }
  }
}

export const unavailable = (what: string, cause: unknown): StreamError =>
  new StreamError('BROKER_UNAVAILABLE', `${what}: ${messageOf(cause)}`, { cause });

const timestampErrors = new Set(['INVALID_TIMESTAMP']);

/** Makes the error of a producer without transactions. */
export function sendError(records: number, cause: unknown): StreamError {
  const what = `${records} records were not acknowledged`;
  if (!isRefused(cause)) return unavailable(what, cause);
  const remedy = hasBrokerError(cause, timestampErrors)
    ? '; correct the clock of the source, or let the topic take any time: `castwatch topics --fix`'
    : '';
  return new StreamError(
    'RECORD_REFUSED',
    `${what}, because the broker refuses one: ${messageOf(cause)}${remedy}`,
    { cause },
  );
}
