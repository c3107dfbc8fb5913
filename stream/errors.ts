/** Why the runtime gave up on something. A closed list: handle by code, read by message. */
export type StreamErrorCode =
  /** A newer producer has the transactional id: this task belongs to somebody else now. */
  | 'FENCED'
  /** The transaction was not committed, or nobody can know; rebuild from what is committed. */
  | 'TRANSACTION_ABORTED'
  /** The broker cannot be reached or does not answer in time. */
  | 'BROKER_UNAVAILABLE'
  /** A topic that is needed is not there, or has the wrong number of partitions. */
  | 'TOPIC_MISSING'
  | 'TOPIC_MISMATCH'
  /** Too large a share of the records died: the task stands still until somebody looks. */
  | 'BREAKER_OPEN'
  /** A step threw, or gave back something outside its contract: a bug. */
  | 'STEP_FAILED'
  /** State in the changelog cannot be read back. */
  | 'STATE_UNREADABLE'
  /** Used after close. */
  | 'CLOSED';

export class StreamError extends Error {
  override readonly name = 'StreamError';
  readonly code: StreamErrorCode;

  constructor(code: StreamErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What was thrown, as an error. */
export const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));

/** What was thrown, as a text: an error's message. */
export const messageOf = (thrown: unknown): string => toError(thrown).message;
