/** A rig on a real broker. */
import kafkajs from 'kafkajs';
import { KafkaTransport } from '../../../stream/index.ts';
import type { Rig } from '../harness.ts';

export interface KafkaRig extends Rig {
  close(): Promise<void>;
}

export function kafkaRig(brokers: readonly string[], prefix: string): KafkaRig {
  const admin = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: prefix,
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin();
  const connected = admin.connect();
  const transport = new KafkaTransport({ brokers, clientId: prefix });
  let names = 0;
  return {
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
    name: (base) => `${prefix}-${base}-${++names}`,
    close: async () => {
      await connected;
      await Promise.all([admin.disconnect(), transport.close()]);
    },
  };
}
