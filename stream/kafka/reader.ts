/** Reads partitions and offsets without a consumer group. */
import { StreamError } from '../errors.ts';
import type { OffsetRange, RawRecord, TopicFacts, TopicPartition } from '../transport.ts';
import type { ClusterView } from './cluster.ts';
import { exchange, type Cluster } from './internals.ts';
import { ProtocolError } from './protocol/error-codes.ts';
import { fetch, type FetchTarget } from './protocol/fetch.ts';
import { decodeRecords } from './protocol/record-decoder.ts';
import { askAboutTopics } from './topic-facts.ts';

const fetchBytes = 8 * 1024 * 1024;
const limits = { maxWait: 200, maxBytes: fetchBytes, maxBytesPerPartition: fetchBytes };
/** How long an open transaction may hold up reading, ms: longer than producers may leave theirs open. */
const defaultPatience = 60_000;
const everything: OffsetRange = { from: 0, to: Number.POSITIVE_INFINITY };

export class Reader {
  readonly #cluster: ClusterView;
  readonly #patience: number;

  constructor(cluster: ClusterView, patience = defaultPatience) {
    this.#cluster = cluster;
    this.#patience = patience;
  }

  /**
   * Reads every committed record that was in the partition at the time of the call, or those in the range, in order.
   * @throws StreamError BROKER_UNAVAILABLE also when a transaction stays open in the partition, so that nothing behind it is
   * committed or aborted
   */
  async read(
    { topic, partition }: TopicPartition,
    each: (records: readonly RawRecord[]) => void,
    { from: first, to }: OffsetRange = everything,
  ): Promise<void> {
    const last = (await this.offsets(topic, 'end')).get(partition);
    const beginning = (await this.offsets(topic, 'beginning')).get(partition);
    if (last === undefined || beginning === undefined) {
      throw new StreamError('TOPIC_MISMATCH', `topic ${topic} has no partition ${partition}`);
    }
    const end = Math.min(last, to);
    let offset = Math.max(beginning, first);
    const topicId = (await this.describe([topic])).get(topic)?.id;
    if (topicId === undefined) throw new StreamError('TOPIC_MISSING', `topic ${topic} does not exist`);
    let progressAt = performance.now();
    while (offset < end) {
      const from: number = offset;
      const fetched = await this.#cluster.request(
        `reading ${topic}/${partition}`,
        (cluster) => fetchFrom(cluster, { topic, topicId, partition, offset: from }),
        topic,
      );
      const records =
        fetched.position <= to ? fetched.records : fetched.records.filter((record) => record.offset < to);
      if (records.length > 0) each(records);
      offset = fetched.position;
      const now = performance.now();
      if (offset > from) progressAt = now;
      else if (now - progressAt > this.#patience)
        throw heldUp(`${topic}/${partition}`, offset, this.#patience);
    }
  }

  describe(topics: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>> {
    return this.#cluster.request(`cannot describe ${topics.join(', ')}`, (cluster) =>
      askAboutTopics(cluster, topics),
    );
  }

  partitionCount(topic: string): Promise<number> {
    return this.#cluster.request(
      `cannot read the partitions of ${topic}`,
      (cluster) => Promise.resolve(cluster.findTopicPartitionMetadata(topic).length),
      topic,
    );
  }

  offsets(topic: string, which: 'beginning' | 'end'): Promise<ReadonlyMap<number, number>> {
    const ask = async (cluster: Cluster): Promise<ReadonlyMap<number, number>> => {
      const partitions = cluster
        .findTopicPartitionMetadata(topic)
        .map(({ partitionId }) => ({ partition: partitionId }));
      const [answer] = await cluster.fetchTopicsOffset([
        { topic, fromBeginning: which === 'beginning', partitions },
      ]);
      return new Map(answer?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    };
    return this.#cluster.request(`cannot read the offsets of ${topic}`, ask, topic);
  }
}

const heldUp = (place: string, offset: number, patience: number): StreamError =>
  new StreamError(
    'BROKER_UNAVAILABLE',
    `for ${patience / 1_000} s a transaction has been open at offset ${offset} of ${place}, and nothing behind it can be read; ` +
      "Kafka's kafka-transactions.sh finds and ends it",
  );

async function fetchFrom(
  cluster: Cluster,
  target: FetchTarget,
): Promise<{ readonly records: readonly RawRecord[]; readonly position: number }> {
  const { topic, partition, offset } = target;
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (nodeId === undefined) throw new Error(`partition ${partition} has no leader`);
  const broker = await cluster.findBroker({ nodeId });
  const connection = await broker.connectionPool.getConnection(1);
  const [fetched] = await exchange(connection, fetch([target], limits));
  if (fetched === undefined) throw new Error(`the broker's answer has nothing for ${topic}/${partition}`);
  if (fetched.errorCode !== 0) throw new ProtocolError(fetched.errorCode, `reading ${topic}/${partition}`);
  const { records, position } = await decodeRecords(fetched.records, fetched.aborted, offset);
  // Compaction may leave offsets without records. A stable offset that was not sent has no record.
  return { records, position: position ?? Math.max(offset, fetched.lastStableOffset) };
}
