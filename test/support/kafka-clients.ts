/** Topics of a suite's own on the shared broker, with kafkajs' clients beside our transport. */
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { KafkaTransport, type ProducerRecord, type RawRecord } from '../../stream/index.ts';
import { localStack, uniquePrefix } from './stack.ts';

export interface KafkaClients {
  readonly brokers: readonly string[];
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly transport: KafkaTransport;
  readonly unique: (what: string) => string;
  /** @returns its name */
  readonly createTopic: (numPartitions: number, config?: Readonly<Record<string, string>>) => Promise<string>;
  /** All committed records. */
  readonly read: (topic: string, partition?: number) => Promise<RawRecord[]>;
  readonly valuesOf: (topic: string) => Promise<(string | undefined)[]>;
  readonly close: () => Promise<unknown>;
}

export async function openKafkaClients(): Promise<KafkaClients> {
  const prefix = uniquePrefix();
  const brokers = [...(await localStack()).kafkaBrokers];
  const kafka = new kafkajs.Kafka({ brokers, clientId: prefix, logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const transport = new KafkaTransport({ brokers, clientId: prefix });
  let names = 0;
  const unique = (what: string): string => `${prefix}${what}-${++names}`;
  const read: KafkaClients['read'] = async (topic, partition = 0) => {
    const all: RawRecord[] = [];
    await transport.read({ topic, partition }, (records) => all.push(...records));
    return all;
  };
  return {
    brokers,
    kafka,
    admin,
    transport,
    unique,
    read,
    createTopic: async (numPartitions, config = {}) => {
      const topic = unique('topic');
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
      await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions, configEntries }] });
      return topic;
    },
    valuesOf: async (topic) => (await read(topic)).map(({ value }) => value?.toString()),
    close: () => Promise.all([admin.disconnect(), transport.close()]),
  };
}

export const textRecord = (topic: string, text: string): ProducerRecord => ({
  topic,
  key: 'k',
  value: Buffer.from(text),
});
