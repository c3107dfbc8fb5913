/** Deletes records of a partition, as retention does. */
import kafkajs from 'kafkajs';
import type { DeletedRecords } from '../../../proof/deleted-records.ts';
import type { TopicPartition, Transport } from '../../../stream/index.ts';

export interface Deletion {
  readonly brokers: readonly string[];
  readonly transport: Transport;
  /** Takes copies for the oracle. */
  readonly deleted: DeletedRecords;
}

/** Deletes everything before the offset, after it has taken copies. */
export async function deleteRecords(
  { brokers, transport, deleted }: Deletion,
  source: TopicPartition,
  before: number,
): Promise<void> {
  await deleted.keep(transport, source, before);
  const clientId = 'chaos-retention';
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], clientId, logLevel: kafkajs.logLevel.NOTHING });
  await deleteWithoutCopies(kafka, source, before);
  const { topic, partition } = source;
  const beginning = (await transport.beginningOffsets(topic)).get(partition);
  if (beginning !== before)
    throw new Error(`${topic}/${partition} begins at ${beginning ?? 'no offset'}, not at ${before}`);
}

/** Deletes everything before the offset. */
export async function deleteWithoutCopies(
  kafka: kafkajs.Kafka,
  { topic, partition }: TopicPartition,
  before: number,
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    // Without this question, kafkajs does not know which node has the partition.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] });
  } finally {
    await admin.disconnect();
  }
}
