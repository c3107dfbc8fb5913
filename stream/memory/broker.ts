/**
 * A broker in memory, with the parts of Kafka's semantics on which the runtime relies: partitions by murmur2, offsets that
 * transaction markers also take, atomic transactions with fencing by transactional id, consumer groups that
 * rebalance, and offsets per group. For tests, the offline oracle and demonstrations.
 */
import { StreamError } from '../errors.ts';
import { notAsExpected } from '../landing.ts';
import { partitionForKey } from '../partitioner.ts';
import {
  partitionKey,
  type CommittedPosition,
  type GroupOffsets,
  type OffsetToCommit,
  type ProducerRecord,
  type TopicFacts,
  type TopicPartition,
} from '../transport.ts';
import { MemoryGroup } from './group.ts';
import { PartitionLog } from './partition-log.ts';

interface Topic {
  readonly id: string;
  readonly logs: PartitionLog[];
}

export class MemoryBroker {
  readonly #topics = new Map<string, Topic>();
  readonly #groups = new Map<string, MemoryGroup>();
  readonly #positions = new Map<string, CommittedPosition>();
  readonly #epochs = new Map<string, number>();
  #producerIds = 0;
  #created = 0;

  createTopic(name: string, partitions: number): void {
    if (this.#topics.has(name)) return;
    this.#created += 1;
    this.#topics.set(name, {
      id: `topic-${this.#created}`,
      logs: Array.from({ length: partitions }, () => new PartitionLog()),
    });
  }

  /** Members that read the topic are not told; they find out as with a real broker. */
  deleteTopic(name: string): void {
    this.#topics.delete(name);
  }

  /** Adds partitions to a topic, up to this number. */
  addPartitions(name: string, partitions: number): void {
    const logs = this.#topic(name).logs;
    while (logs.length < partitions) logs.push(new PartitionLog());
  }

  describe(name: string): TopicFacts | undefined {
    const topic = this.#topics.get(name);
    return topic && { id: topic.id, partitions: topic.logs.length };
  }

  partitions(topic: string): readonly PartitionLog[] {
    return this.#topic(topic).logs;
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new StreamError('TOPIC_MISSING', `topic ${name} does not exist`);
    return topic;
  }

  log({ topic, partition }: TopicPartition): PartitionLog {
    const log = this.partitions(topic)[partition];
    if (log === undefined)
      throw new StreamError('TOPIC_MISMATCH', `topic ${topic} has no partition ${partition}`);
    return log;
  }

  group(name: string): MemoryGroup {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new MemoryGroup(this);
      this.#groups.set(name, group);
    }
    return group;
  }

  /** Starts a new epoch for the transactional id; producers with an older epoch are fenced from now on. */
  initProducer(transactionalId: string): number {
    const epoch = (this.#epochs.get(transactionalId) ?? -1) + 1;
    this.#epochs.set(transactionalId, epoch);
    return epoch;
  }

  transact(
    transactionalId: string,
    epoch: number,
    records: readonly ProducerRecord[],
    commits: readonly GroupOffsets[],
    landing: readonly OffsetToCommit[],
  ): void {
    if (this.#epochs.get(transactionalId) !== epoch) {
      throw new StreamError('FENCED', `${transactionalId}: a newer producer has this transactional id`);
    }
    // Looked up before anything is written, so that a missing topic does not leave a partial transaction.
    const placed = records.map((record) => ({ record, log: this.log(this.place(record)) }));
    for (const expected of landing) {
      const { end } = this.log(expected);
      if (end !== expected.offset) throw notAsExpected(transactionalId, expected, end);
    }
    for (const { record, log } of placed) log.append(toRaw(record));
    for (const log of new Set(placed.map(({ log }) => log))) log.appendMarker();
    for (const { group, offsets } of commits)
      for (const { note = '', offset, ...source } of offsets)
        this.#positions.set(`${group} ${partitionKey(source)}`, { offset, note });
  }

  newProducerId(): number {
    return this.#producerIds++;
  }

  send(records: readonly ProducerRecord[], producerId?: number): void {
    for (const record of records) this.log(this.place(record)).append(toRaw(record, producerId));
  }

  committed(group: string, source: TopicPartition): CommittedPosition | undefined {
    return this.#positions.get(`${group} ${partitionKey(source)}`);
  }

  place({ topic, partition, key }: ProducerRecord): TopicPartition {
    const count = this.partitions(topic).length;
    return { topic, partition: partition ?? (key === null ? 0 : partitionForKey(key, count)) };
  }
}

const toRaw = ({ key, value, timestamp, headers }: ProducerRecord, producerId = -1) => ({
  key: typeof key === 'string' ? Buffer.from(key) : key,
  value,
  timestamp: timestamp ?? Date.now(),
  headers,
  producerId,
});
