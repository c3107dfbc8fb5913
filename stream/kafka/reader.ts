/** Reading partitions and offsets without a consumer group. */
import type { Kafka } from 'kafkajs';
import { StreamError } from '../errors.ts';
import type { RawRecord, TopicPartition } from '../transport.ts';
import { createCluster, readCommitted, type Cluster } from './internals.ts';
import { toRawRecord, unavailable } from './records.ts';

const fetchBytes = 8 * 1024 * 1024;

export class Reader {
  readonly #cluster: Cluster;
  #connected: Promise<void> | undefined;

  constructor(kafka: Kafka) {
    this.#cluster = createCluster(kafka);
  }

  /** Every committed record that lay in the partition when called, in order. */
  async read(
    { topic, partition }: TopicPartition,
    each: (records: readonly RawRecord[]) => void,
  ): Promise<void> {
    const end = (await this.offsets(topic, 'end')).get(partition);
    let offset = (await this.offsets(topic, 'beginning')).get(partition);
    if (end === undefined || offset === undefined) {
      throw new StreamError('TOPIC_MISMATCH', `topic ${topic} has no partition ${partition}`);
    }
    while (offset < end) offset = await this.#fetch(topic, partition, offset, each);
  }

  async partitionCount(topic: string): Promise<number> {
    await this.#know(topic);
    return this.#cluster.findTopicPartitionMetadata(topic).length;
  }

  async offsets(topic: string, which: 'beginning' | 'end'): Promise<ReadonlyMap<number, number>> {
    await this.#know(topic);
    const partitions = this.#cluster
      .findTopicPartitionMetadata(topic)
      .map(({ partitionId }) => ({ partition: partitionId }));
    try {
      const [answer] = await this.#cluster.fetchTopicsOffset([
        { topic, fromBeginning: which === 'beginning', partitions },
      ]);
      return new Map(answer?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    } catch (cause) {
      throw await this.#lost(`offsets of ${topic}`, cause);
    }
  }

  async close(): Promise<void> {
    if (this.#connected === undefined) return;
    await this.#connected.catch(() => undefined);
    await this.#cluster.disconnect();
  }

  /** @returns the position after what was read */
  async #fetch(
    topic: string,
    partition: number,
    offset: number,
    each: (records: readonly RawRecord[]) => void,
  ): Promise<number> {
    try {
      const [nodeId] = Object.keys(this.#cluster.findLeaderForPartitions(topic, [partition]));
      if (nodeId === undefined) throw new Error(`partition ${partition} has no leader`);
      const broker = await this.#cluster.findBroker({ nodeId });
      const { responses } = await broker.fetch({
        isolationLevel: readCommitted,
        maxWaitTime: 200,
        minBytes: 1,
        maxBytes: fetchBytes,
        topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: fetchBytes }] }],
      });
      const messages = responses[0]?.partitions[0]?.messages ?? [];
      const records: RawRecord[] = [];
      let position = offset;
      for (const message of messages) {
        if (Number(message.offset) < offset) continue;
        position = Number(message.offset) + 1;
        if (message.isControlRecord !== true) records.push(toRawRecord(message));
      }
      if (records.length > 0) each(records);
      return position;
    } catch (cause) {
      throw await this.#lost(`reading ${topic}/${partition}`, cause);
    }
  }

  async #know(topic: string): Promise<void> {
    try {
      this.#connected ??= this.#cluster.connect();
      await this.#connected;
      await this.#cluster.addTargetTopic(topic);
    } catch (cause) {
      throw await this.#lost(`metadata of ${topic}`, cause);
    }
    if (this.#cluster.findTopicPartitionMetadata(topic).length === 0) {
      throw new StreamError('TOPIC_MISSING', `topic ${topic} does not exist`);
    }
  }

  /** The next call connects anew and learns the leaders again. */
  async #lost(what: string, cause: unknown): Promise<StreamError> {
    if (cause instanceof StreamError) return cause;
    this.#connected = undefined;
    await this.#cluster.disconnect().catch(() => undefined);
    return unavailable(what, cause);
  }
}
