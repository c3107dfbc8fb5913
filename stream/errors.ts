/** Why the runtime stopped something. The codes are a closed list: handle an error by its code; the message is for people. */
export type StreamErrorCode =
  /** A newer producer has the transactional id: another member owns this task now. */
  | 'FENCED'
  /** The transaction was not committed, or its result is unknown; rebuild from what is committed. */
  | 'TRANSACTION_ABORTED'
  /** The broker cannot be reached or does not answer in time. */
  | 'BROKER_UNAVAILABLE'
  /** The broker refuses a record for what it is: its size, its timestamp or its content. Sending it again does not help. */
  | 'RECORD_REFUSED'
  /** A required topic does not exist, or has the wrong number of partitions. */
  | 'TOPIC_MISSING'
  | 'TOPIC_MISMATCH'
  /** A topic was deleted and made anew, so offsets of the old one mean nothing in it. */
  | 'TOPIC_REPLACED'
  /** Records that were to be read next no longer exist. */
  | 'RECORDS_LOST'
  /** The state that belongs to the committed position no longer exists. */
  | 'STATE_LOST'
  /** There is a state, but no committed position says which records it contains. */
  | 'POSITION_LOST'
  /** Records are still to be processed that must be processed before what was asked for. */
  | 'BEHIND'
  /** Too large a share of the records became dead letters. The task has stopped until an operator restarts it. */
  | 'BREAKER_OPEN'
  /** A step threw, or returned something that its contract forbids: a bug. */
  | 'STEP_FAILED'
  /** State in the changelog cannot be read back. */
  | 'STATE_UNREADABLE'
  /** The object was used after it was closed. */
  | 'CLOSED';

export class StreamError extends Error {
  override readonly name = 'StreamError';
  readonly code: StreamErrorCode;

  constructor(code: StreamErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether the broker has answered with one of these errors. */
export function hasBrokerError(error: unknown, types: ReadonlySet<string>): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if ('type' in at && typeof at.type === 'string' && types.has(at.type)) return true;
  return false;
}

const sizeErrors = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** The broker has refused a record because of its size, so trying again does not help. */
export const isTooLarge = (error: unknown): boolean => hasBrokerError(error, sizeErrors);

const refusals = new Set([...sizeErrors, 'INVALID_TIMESTAMP', 'INVALID_RECORD']);

/** The broker has refused a record for what it is, so trying again does not help. */
export const isRefused = (error: unknown): boolean => hasBrokerError(error, refusals);

/** Returns what was thrown as an error. */
export const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));

/** Returns what was thrown as text; for an error, its message. */
export const messageOf = (thrown: unknown): string => toError(thrown).message;
