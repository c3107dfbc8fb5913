/** A rig on a real broker. */
import kafkajs from 'kafkajs';
import { until } from '../../../base/retry.ts';
import { KafkaTransport } from '../../../stream/index.ts';
import { deleteWithoutCopies } from '../../../bench/chaos/rig/delete-records.ts';
import type { Rig } from '../harness.ts';

export interface KafkaRig extends Rig {
  close(): Promise<void>;
}

export function kafkaRig(brokers: readonly string[], prefix: string): KafkaRig {
  const kafka = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: prefix,
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const admin = kafka.admin();
  const connected = admin.connect();
  const transport = new KafkaTransport({ brokers, clientId: prefix });
  let names = 0;
  const rig: KafkaRig = {
    transport,
    createTopics: async (topics) => {
      await connected;
      await admin.createTopics({
        waitForLeaders: true,
        topics: topics.map(({ name, partitions, compact, maxBytes }) => ({
          topic: name,
          numPartitions: partitions,
          replicationFactor: 1,
          configEntries: [
            ...(compact === true ? [{ name: 'cleanup.policy', value: 'compact' }] : []),
            ...(maxBytes === undefined ? [] : [{ name: 'max.message.bytes', value: String(maxBytes) }]),
          ],
        })),
      });
    },
    deleteBefore: (topic, partition, offset) => deleteWithoutCopies(kafka, { topic, partition }, offset),
    recreate: async (topic) => {
      await connected;
      const before = (await transport.describeTopics([topic.name])).get(topic.name)?.id;
      await admin.deleteTopics({ topics: [topic.name] });
      await until(
        'the topic to be gone',
        async () => !(await transport.describeTopics([topic.name])).has(topic.name),
      );
      await admin.createTopics({
        waitForLeaders: false,
        topics: [
          {
            ...{ topic: topic.name, numPartitions: topic.partitions, replicationFactor: 1 },
            configEntries: topic.compact === true ? [{ name: 'cleanup.policy', value: 'compact' }] : [],
          },
        ],
      });
      await until(
        'the new topic',
        async () => {
          const now = (await transport.describeTopics([topic.name])).get(topic.name)?.id;
          return now !== before && (await transport.endOffsets(topic.name)).size === topic.partitions;
        },
        { onError: 'retry' },
      );
    },
    addPartitions: async (topic, partitions) => {
      await connected;
      await admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] });
      await until(
        'the partitions',
        async () => (await transport.describeTopics([topic])).get(topic)?.partitions === partitions,
      );
    },
    name: (base) => `${prefix}-${base}-${++names}`,
    close: async () => {
      await connected;
      await Promise.all([admin.disconnect(), transport.close()]);
    },
  };
  return rig;
}
