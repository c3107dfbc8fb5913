/** Fetch: reads partitions from given offsets on. Since version 13 it names topics by their ids (KIP-516). */
import { ProtocolError } from './error-codes.ts';
import type { Request } from './request.ts';
import { WireWriter } from './wire.ts';

const noReplica = -1;
const readCommitted = 1;
const noSession = { id: 0, epoch: -1 } as const;
const unknown = -1;

export interface FetchTarget {
  /** Says which topic of this name is meant. A broker that has another one answers with an error. */
  readonly topicId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface FetchLimits {
  /** How long the broker may wait for the first byte, ms. */
  readonly maxWait: number;
  readonly maxBytes: number;
  readonly maxBytesPerPartition: number;
}

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  /** All transactions before this offset are committed or aborted. */
  readonly lastStableOffset: number;
  /** In no reliable order. */
  readonly aborted: readonly AbortedTransaction[];
  /** Record batches; the last one may be cut off. */
  readonly records: Buffer;
}

/** Reads completed transactions only, including aborted ones. A batch that is larger than the limits is returned anyway. */
export function fetch(
  targets: readonly FetchTarget[],
  { maxWait, maxBytes, maxBytesPerPartition }: FetchLimits,
): Request<readonly FetchedPartition[]> {
  const minBytes = 1;
  const writer = new WireWriter().int32(noReplica).int32(maxWait).int32(minBytes).int32(maxBytes);
  writer.int8(readCommitted).int32(noSession.id).int32(noSession.epoch);
  const names = new Map(targets.map(({ topicId, topic }) => [topicId, topic]));
  writer.array([...Map.groupBy(targets, ({ topicId }) => topicId)], ([topicId, ofTopic]) => {
    writer.uuid(topicId);
    writer.array(ofTopic, ({ partition, offset }) => {
      writer.int32(partition).int32(unknown).int64(offset); // leader's epoch, offset
      writer.int32(unknown).int64(unknown); // last fetched epoch, log start offset
      writer.int32(maxBytesPerPartition).noTags();
    });
    writer.noTags();
  });
  writer.array([], () => undefined); // topics to forget
  writer.string('').noTags(); // rack
  return {
    apiKey: 1,
    apiVersion: 13,
    apiName: 'Fetch',
    body: [writer.written],
    parse: (reader) => {
      reader.int32(); // throttle time
      const errorCode = reader.int16();
      if (errorCode !== 0) throw new ProtocolError(errorCode, 'Fetch');
      reader.int32(); // session
      const partitions: FetchedPartition[] = [];
      reader.array(() => {
        const topic = names.get(reader.uuid()) ?? '';
        reader.array(() => {
          const partition = reader.int32();
          const error = reader.int16();
          reader.int64(); // high watermark
          const lastStableOffset = reader.int64();
          reader.int64(); // log start offset
          const aborted = reader.array(() => {
            const transaction = { producerId: reader.int64(), firstOffset: reader.int64() };
            reader.tags();
            return transaction;
          });
          reader.int32(); // preferred read replica
          const records = reader.bytes() ?? nothing;
          reader.tags();
          partitions.push({ topic, partition, errorCode: error, lastStableOffset, aborted, records });
        });
        reader.tags();
      });
      return partitions;
    },
  };
}

const nothing: Buffer = Buffer.alloc(0);
