/** The requests of a transaction, except Produce. Source: KIP-98, KIP-447, KIP-890. */
import type { OffsetToCommit, TopicPartition } from '../../transport.ts';
import { ProtocolError } from './error-codes.ts';
import type { Request } from './request.ts';
import { WireWriter, type WireReader } from './wire.ts';

/** Identifies a producer to the coordinator. */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Fences the previous owner of the transactional id, and aborts its open transaction. */
export function initProducerId(
  transactionalId: string | null,
  transactionTimeout: number,
): Request<ProducerIdentity> {
  const writer = new WireWriter().string(transactionalId).int32(transactionTimeout);
  return {
    apiKey: 22,
    apiVersion: 4,
    apiName: 'InitProducerId',
    body: [writer.int64(-1).int16(-1).noTags().written],
    parse: (reader) => {
      failOnError(reader, 'InitProducerId');
      return { producerId: reader.int64(), producerEpoch: reader.int16() };
    },
  };
}

export function addPartitionsToTxn(
  transactionalId: string,
  producer: ProducerIdentity,
  partitions: readonly TopicPartition[],
): Request<void> {
  const writer = new WireWriter().string(transactionalId).int64(producer.producerId);
  writer.int16(producer.producerEpoch);
  writer.array([...Map.groupBy(partitions, ({ topic }) => topic)], ([topic, ofTopic]) => {
    writer.string(topic);
    writer.array(ofTopic, ({ partition }) => writer.int32(partition)).noTags();
  });
  return {
    apiKey: 24,
    apiVersion: 3,
    apiName: 'AddPartitionsToTxn',
    body: [writer.noTags().written],
    parse: (reader) => {
      reader.int32(); // throttle time
      failOnPartitionError(reader, 'AddPartitionsToTxn');
    },
  };
}

export function addOffsetsToTxn(
  transactionalId: string,
  producer: ProducerIdentity,
  group: string,
): Request<void> {
  const writer = new WireWriter().string(transactionalId).int64(producer.producerId);
  return {
    apiKey: 25,
    apiVersion: 3,
    apiName: 'AddOffsetsToTxn',
    body: [writer.int16(producer.producerEpoch).string(group).noTags().written],
    parse: (reader) => {
      failOnError(reader, 'AddOffsetsToTxn');
    },
  };
}

/** With version 5, committing the group's offsets adds them to the transaction. */
export function txnOffsetCommit(
  apiVersion: 3 | 5,
  transactionalId: string,
  producer: ProducerIdentity,
  group: string,
  offsets: readonly OffsetToCommit[],
): Request<void> {
  const writer = new WireWriter().string(transactionalId).string(group);
  writer.int64(producer.producerId).int16(producer.producerEpoch);
  // No generation and no member id: the transactional id does the fencing.
  writer.int32(-1).string('').string(null);
  writer.array([...Map.groupBy(offsets, ({ topic }) => topic)], ([topic, ofTopic]) => {
    writer.string(topic);
    writer.array(ofTopic, ({ partition, offset, note = '' }) =>
      writer.int32(partition).int64(offset).int32(-1).string(note).noTags(),
    );
    writer.noTags();
  });
  return {
    apiKey: 28,
    apiVersion,
    apiName: 'TxnOffsetCommit',
    body: [writer.noTags().written],
    parse: (reader) => {
      reader.int32(); // throttle time
      failOnPartitionError(reader, 'TxnOffsetCommit');
    },
  };
}

/** With version 5, each transaction has its own epoch; the answer contains the next one. */
export function endTxn(
  apiVersion: 3 | 5,
  transactionalId: string,
  producer: ProducerIdentity,
  commit: boolean,
): Request<ProducerIdentity> {
  const writer = new WireWriter().string(transactionalId).int64(producer.producerId);
  return {
    apiKey: 26,
    apiVersion,
    apiName: 'EndTxn',
    body: [
      writer
        .int16(producer.producerEpoch)
        .int8(commit ? 1 : 0)
        .noTags().written,
    ],
    parse: (reader) => {
      failOnError(reader, 'EndTxn');
      return apiVersion === 5
        ? { producerId: reader.int64(), producerEpoch: reader.int16() }
        : { producerId: producer.producerId, producerEpoch: producer.producerEpoch };
    },
  };
}

/** What a broker says of itself, and of the cluster. */
export interface BrokerSupport {
  /** The newest version of each request that it takes, by the request's number. */
  readonly versions: ReadonlyMap<number, number>;
  /** The level of each feature that the cluster has agreed on; 0 where a feature is missing. */
  readonly levels: ReadonlyMap<string, number>;
}

export function brokerSupport(): Request<BrokerSupport> {
  return {
    apiKey: 18,
    apiVersion: 3,
    apiName: 'ApiVersions',
    body: [new WireWriter().string('castwatch').string('1').noTags().written],
    plainResponseHeader: true,
    parse: (reader) => {
      const errorCode = reader.int16();
      if (errorCode !== 0) throw new ProtocolError(errorCode, 'ApiVersions');
      const versions = new Map<number, number>();
      reader.array(() => {
        const apiKey = reader.int16();
        reader.int16(); // from version
        versions.set(apiKey, reader.int16());
        reader.tags();
      });
      reader.int32(); // throttle time
      const levels = new Map<string, number>();
      const finalizedFeatures = 2;
      reader.tags((tag, field) => {
        if (tag !== finalizedFeatures) return;
        field.array(() => {
          const name = field.string();
          levels.set(name, field.int16());
          field.int16(); // lowest
          field.tags();
        });
      });
      return { versions, levels };
    },
  };
}

function failOnError(reader: WireReader, where: string): void {
  reader.int32(); // throttle time
  const errorCode = reader.int16();
  if (errorCode !== 0) throw new ProtocolError(errorCode, where);
}

/** Throws the first of several errors that is not only a consequence of another. */
function failOnPartitionError(reader: WireReader, where: string): void {
  const notAttempted = 55;
  let found: { code: number; partition: string } | undefined;
  reader.array(() => {
    const topic = reader.string();
    reader.array(() => {
      const partition = reader.int32();
      const code = reader.int16();
      reader.tags();
      if (code !== 0 && (found === undefined || found.code === notAttempted))
        found = { code, partition: `${topic}/${partition}` };
    });
    reader.tags();
  });
  if (found !== undefined) throw new ProtocolError(found.code, `${where} of ${found.partition}`);
}
