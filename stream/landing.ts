/** Whether a transaction's records came to lie where they had to: only then has nobody else written there. */
import { StreamError } from './errors.ts';
import { partitionKey, type OffsetToCommit, type TopicPartition } from './transport.ts';

export const notAsExpected = (
  transactionalId: string,
  expected: OffsetToCommit,
  offset: number,
): StreamError =>
  new StreamError(
    'TRANSACTION_ABORTED',
    `${transactionalId}: records for ${partitionKey(expected)} came to lie at ${offset} instead of ${expected.offset}: ` +
      'somebody else has written there',
  );

/** The checks of one transaction, which may be written in several requests. */
export class Landings {
  readonly #transactionalId: string;
  readonly #expected: readonly OffsetToCommit[];
  readonly #written = new Map<string, number>();

  constructor(transactionalId: string, expected: readonly OffsetToCommit[]) {
    this.#transactionalId = transactionalId;
    this.#expected = expected;
  }

  /**
   * For what was written to a partition, in order.
   * @throws StreamError TRANSACTION_ABORTED when the first of these records is not where it has to be
   */
  check(partition: TopicPartition, baseOffset: number, records: number): void {
    for (const expected of this.#expected) {
      if (expected.topic !== partition.topic || expected.partition !== partition.partition) continue;
      const before = this.#written.get(partitionKey(partition)) ?? 0;
      const offset = expected.offset + before;
      if (baseOffset !== offset)
        throw notAsExpected(this.#transactionalId, { ...expected, offset }, baseOffset);
      this.#written.set(partitionKey(partition), before + records);
    }
  }
}
