/** Checks that a transaction's records got the expected offsets. Otherwise another producer has written to the partition. */
import { StreamError } from './errors.ts';
import { partitionKey, type OffsetToCommit, type TopicPartition } from './transport.ts';

export const notAsExpected = (
  transactionalId: string,
  expected: OffsetToCommit,
  offset: number,
): StreamError =>
  new StreamError(
    'TRANSACTION_ABORTED',
    `${transactionalId}: records for ${partitionKey(expected)} got offset ${offset} instead of ${expected.offset}: ` +
      'another producer has written to this partition',
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
   * Checks records that were written to a partition; call it in the order of writing.
   * @throws StreamError TRANSACTION_ABORTED when the first of these records does not have the expected offset
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
