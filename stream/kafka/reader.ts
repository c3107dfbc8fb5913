/** Reading partitions and offsets without a consumer group. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { StreamError } from '../errors.ts';
import type { RawRecord, TopicPartition } from '../transport.ts';
import { createCluster, readCommitted, type Cluster } from './internals.ts';
import { toRawRecord, unavailable } from './records.ts';

const fetchBytes = 8 * 1024 * 1024;
/** A leader may just be moving, or a topic just be made: so often it is asked again before giving up. */
const attempts = 5;
const firstPause = 50;

/** A connection, and what is known of the cluster by it. */
interface Link {
  readonly cluster: Cluster;
  readonly connected: Promise<void>;
  readonly topics: Map<string, Promise<void>>;
}

export class Reader {
  readonly #kafka: Kafka;
  #link: Link | undefined;
  #closed = false;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
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
    while (offset < end) {
      const from: number = offset;
      const fetched = await this.#request(`reading ${topic}/${partition}`, topic, (cluster) =>
        fetchFrom(cluster, topic, partition, from),
      );
      if (fetched.records.length > 0) each(fetched.records);
      offset = fetched.position;
    }
  }

  partitionCount(topic: string): Promise<number> {
    return this.#request(`partitions of ${topic}`, topic, (cluster) =>
      Promise.resolve(cluster.findTopicPartitionMetadata(topic).length),
    );
  }

  offsets(topic: string, which: 'beginning' | 'end'): Promise<ReadonlyMap<number, number>> {
    return this.#request(`offsets of ${topic}`, topic, async (cluster) => {
      const partitions = cluster
        .findTopicPartitionMetadata(topic)
        .map(({ partitionId }) => ({ partition: partitionId }));
      const [answer] = await cluster.fetchTopicsOffset([
        { topic, fromBeginning: which === 'beginning', partitions },
      ]);
      return new Map(answer?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const link = this.#link;
    this.#link = undefined;
    if (link !== undefined) await disconnect(link);
  }

  /** Asks; when that fails, drops the connection, waits a little, and asks again by a new one. */
  async #request<T>(what: string, topic: string, ask: (cluster: Cluster) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const link = this.#connect();
      try {
        await link.connected;
        await know(link, topic);
        return await ask(link.cluster);
      } catch (cause) {
        if (cause instanceof StreamError) throw cause;
        this.#drop(link);
        if (attempt === attempts || this.#closed) throw unavailable(what, cause);
        await sleep(firstPause * 2 ** (attempt - 1));
      }
    }
  }

  #connect(): Link {
    if (this.#closed) throw new StreamError('CLOSED', 'this transport is closed');
    if (this.#link === undefined) {
      const cluster = createCluster(this.#kafka);
      this.#link = { cluster, connected: cluster.connect(), topics: new Map() };
    }
    return this.#link;
  }

  /** Others may still wait for answers by it; they will fail by themselves and come by the new one. */
  #drop(link: Link): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    void disconnect(link);
  }
}

const disconnect = (link: Link): Promise<void> =>
  link.connected.then(() => link.cluster.disconnect()).catch(() => undefined);

/** Metadata of a topic are asked for once per connection, one topic at a time. */
async function know(link: Link, topic: string): Promise<void> {
  let known = link.topics.get(topic);
  if (known === undefined) {
    const before = [...link.topics.values()].at(-1) ?? Promise.resolve();
    known = before.catch(() => undefined).then(() => link.cluster.addTargetTopic(topic));
    link.topics.set(topic, known);
  }
  await known;
  if (link.cluster.findTopicPartitionMetadata(topic).length === 0) {
    link.topics.delete(topic);
    throw new StreamError('TOPIC_MISSING', `topic ${topic} does not exist`);
  }
}

async function fetchFrom(
  cluster: Cluster,
  topic: string,
  partition: number,
  offset: number,
): Promise<{ readonly records: readonly RawRecord[]; readonly position: number }> {
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (nodeId === undefined) throw new Error(`partition ${partition} has no leader`);
  const broker = await cluster.findBroker({ nodeId });
  const { responses } = await broker.fetch({
    isolationLevel: readCommitted,
    maxWaitTime: 200,
    minBytes: 1,
    maxBytes: fetchBytes,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: fetchBytes }] }],
  });
  const fetched = responses[0]?.partitions[0];
  const records: RawRecord[] = [];
  let position = offset;
  for (const message of fetched?.messages ?? []) {
    if (Number(message.offset) < offset) continue;
    position = Number(message.offset) + 1;
    if (message.isControlRecord !== true) records.push(toRawRecord(message));
  }
  // Compaction may leave offsets behind that hold nothing; what is stable and was not sent is not there.
  if (position === offset) position = Math.max(offset, Number(fetched?.lastStableOffset ?? offset));
  return { records, position };
}
