/**
 * Copies of records that were deleted from their topics on purpose. With them, the check still knows what every step should have
 * made of the records that it had, and which rows are missing because the sink never had theirs.
 */
import type { RawRecord, TopicPartition, Transport } from '../stream/index.ts';
import { partitionKey } from '../stream/index.ts';

export class DeletedRecords {
  readonly #byPartition = new Map<string, RawRecord[]>();

  /** Copies what the partition still has before the offset. Call it right before those records are deleted. */
  async keep(transport: Transport, source: TopicPartition, before: number): Promise<readonly RawRecord[]> {
    const copies = this.#byPartition.get(partitionKey(source)) ?? [];
    const added: RawRecord[] = [];
    await transport.read(
      source,
      (records) => {
        added.push(...records);
      },
      { from: 0, to: before },
    );
    this.#byPartition.set(partitionKey(source), [...copies, ...added]);
    return added;
  }

  /** A transport that reads topics as if nothing had been deleted. */
  restored(transport: Transport): Transport {
    const copiesOf = (source: TopicPartition): readonly RawRecord[] | undefined =>
      this.#byPartition.get(partitionKey(source));
    const own: Pick<Transport, 'read' | 'beginningOffsets'> = {
      async read(source, each, range) {
        const { from, to } = range ?? { from: 0, to: Infinity };
        const copies = (copiesOf(source) ?? []).filter(({ offset }) => offset >= from && offset < to);
        if (copies.length > 0) each(copies);
        await transport.read(source, each, range);
      },
      async beginningOffsets(topic) {
        const beginnings = await transport.beginningOffsets(topic);
        return new Map(
          [...beginnings].map(([partition, offset]) => [
            partition,
            copiesOf({ topic, partition }) === undefined ? offset : 0,
          ]),
        );
      },
    };
    return new Proxy(transport, {
      get(target, property: keyof Transport) {
        if (property === 'read' || property === 'beginningOffsets') return own[property];
        return target[property].bind(target);
      },
    });
  }
}
