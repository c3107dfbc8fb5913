/** Produce: sends record batches to the leaders of their partitions. */
import type { Request } from './request.ts';
import { WireWriter } from './wire.ts';

const acksOfAllInSync = -1;

export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly sealed: Buffer;
}

export interface ProduceResult {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  /** The offset of the batch's first record; -1 when the broker does not know it, or nothing was written. */
  readonly baseOffset: number;
  readonly message: string | null;
}

/**
 * With version 12, writing to a partition adds it to the transaction (KIP-890). With older versions it must have been added
 * before. At most one batch per partition.
 */
export function produce(
  apiVersion: 11 | 12,
  transactionalId: string | null,
  batches: readonly PartitionBatch[],
  timeout: number,
): Request<readonly ProduceResult[]> {
  const body: Buffer[] = [];
  let writer = new WireWriter().string(transactionalId).int16(acksOfAllInSync).int32(timeout);
  const topics = Map.groupBy(batches, ({ topic }) => topic);
  writer.uvarint(topics.size + 1);
  for (const [topic, ofTopic] of topics) {
    writer.string(topic).uvarint(ofTopic.length + 1);
    for (const { partition, sealed } of ofTopic) {
      writer.int32(partition).uvarint(sealed.length + 1);
      body.push(writer.written, sealed);
      writer = new WireWriter().noTags();
    }
    writer.noTags();
  }
  body.push(writer.noTags().written);
  return {
    apiKey: 0,
    apiVersion,
    apiName: 'Produce',
    body,
    parse: (reader) => {
      const results: ProduceResult[] = [];
      reader.array(() => {
        const topic = reader.string();
        reader.array(() => {
          const partition = reader.int32();
          const errorCode = reader.int16();
          const baseOffset = reader.int64();
          reader.int64(); // log append time
          reader.int64(); // log start offset
          reader.array(() => {
            reader.int32();
            reader.bytes();
            reader.tags();
          });
          const message = reader.bytes()?.toString() ?? null;
          reader.tags();
          results.push({ topic, partition, errorCode, baseOffset, message });
        });
        reader.tags();
      });
      return results;
    },
  };
}
