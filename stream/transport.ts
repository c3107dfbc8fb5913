/**
 * The small interface between the runtime and a broker. There are two implementations: Kafka (`kafka/`) and
 * a broker in memory (`memory/`). Both pass the suite in `test/stream/transport.contract.ts`.
 */
import type { Edition } from './edition.ts';
import type { Headers } from './step.ts';

/** `topic/partition`, for map keys and messages. */
export const partitionKey = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Offsets from `from` (inclusive) to `to` (exclusive). */
export interface OffsetRange {
  readonly from: number;
  readonly to: number;
}

/** A record as it is stored in a partition. */
export interface RawRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  /** Null for a tombstone. */
  readonly value: Buffer | null;
  /** ms since the epoch */
  readonly timestamp: number;
  readonly headers: Headers | undefined;
  /** The id that the broker gave to the producer; below 0, or absent, when it did not ask for one. */
  readonly producerId?: number;
}

/** A record to write. Without a partition, the key decides (murmur2, as Java's producer does it). */
export interface ProducerRecord {
  readonly topic: string;
  readonly partition?: number;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly timestamp?: number;
  readonly headers?: Readonly<Record<string, Buffer | string>>;
  /**
   * The record may be larger than a broker accepts. If so, it is sent compressed, whatever is configured: the broker checks
   * the compressed size. Its first producer has done the same.
   */
  readonly compressesLarge?: boolean;
}

export interface OffsetToCommit extends TopicPartition {
  /** The next offset to read, as Kafka counts. */
  readonly offset: number;
  /** Text that is kept with the offset; at most 4,096 bytes. */
  readonly note?: string;
}

/** Where to start reading. */
export interface StartOffset extends TopicPartition {
  readonly offset: number;
  /**
   * The id of the topic in which this offset counts. If the topic is made anew, nothing of the new topic is handed on. Without
   * it, the topic counts that has this name when reading starts.
   */
  readonly topicId?: string;
}

/** A group's committed position in a partition. */
export interface CommittedPosition {
  readonly offset: number;
  /** Empty when the offset was committed without one. */
  readonly note: string;
}

/** What a group has committed, by topic and partition. */
export type CommittedByTopic = ReadonlyMap<string, ReadonlyMap<number, CommittedPosition>>;

/** What a broker says about a topic. */
export interface TopicFacts {
  /** Another one for each topic, also when a topic with the same name is made anew. */
  readonly id: string;
  readonly partitions: number;
}

/** The offsets of a group, to be committed with a transaction. */
export interface GroupOffsets {
  readonly group: string;
  readonly offsets: readonly OffsetToCommit[];
}

/**
 * What the transport calls for a group member. Calls come one after another, never two at once. Exception: while `assigned`
 * still works on new partitions, records may come for partitions that stay with this member.
 */
export interface GroupListener {
  /**
   * Called after a rebalance, with the partitions this member now owns. Returns where to start reading, for each; partitions
   * that it keeps and continues to read may be left out. Reading begins once the promise resolves.
   */
  assigned(partitions: readonly TopicPartition[]): Promise<readonly StartOffset[]>;
  /**
   * Called with records in offset order per partition. It must return at once (buffer them, and pause when full). `position`
   * is the next offset to read: after the last record, and after everything behind it that is not a record (transaction
   * markers, compacted or aborted records). May be called without records, when only such offsets were skipped.
   */
  records(partition: TopicPartition, records: readonly RawRecord[], position: number): void;
  /**
   * The records from `from` (inclusive) to `to` (exclusive), which are the next to read, no longer exist. Reading goes on at
   * `to`. What comes next is not handed on if the partition is paused here.
   */
  gap(partition: TopicPartition, from: number, to: number): void;
  /** After `assigned` without partitions, when members of another edition have them all. */
  waits?(forEdition: Edition): void;
  /** The group has removed this member, or the connection cannot be repaired; call `consume` again. */
  lost(error: Error): void;
}

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** ms without a heartbeat until the group gives the partitions to another member; default 10,000. */
  readonly sessionTimeout?: number;
  /** Members of unlike editions do not share partitions; see `edition.ts`. */
  readonly edition?: Edition | undefined;
  readonly listener: GroupListener;
}

export interface Consumption {
  /** Stops fetching these partitions (backpressure) until `resume`. */
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** Leaves the group. No listener call comes after it resolves. */
  close(): Promise<void>;
}

/** The producer of one transactional id. Creating it fences the previous producer with this id. */
export interface TransactionalProducer {
  /**
   * Commits one complete transaction: all records and offsets, or none. Rejects with a `StreamError` whose code is
   * `FENCED` when a newer producer has the id, or `TRANSACTION_ABORTED` when the transaction was not committed or its result
   * is unknown (the connection broke on the commit). After either, this producer cannot be used any more. The caller creates
   * a new one, which ends the transaction, and continues from the offsets that are committed then.
   * @param landing for partitions to which no other producer should write (the records name these partitions): the offset
   *   that the first record there must get; the others follow it directly. When a record gets another offset, another
   *   producer has written in between, and the transaction is aborted.
   */
  transact(
    records: readonly ProducerRecord[],
    commits: readonly GroupOffsets[],
    landing?: readonly OffsetToCommit[],
  ): Promise<void>;
  close(): Promise<void>;
}

/** An idempotent producer without transactions, for sources and tools. Resolves when all in-sync replicas have the records. */
export interface Producer {
  send(records: readonly ProducerRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** Access to a broker. All reads return only committed records (read committed). */
export interface Transport {
  consume(options: ConsumeOptions): Promise<Consumption>;
  transactionalProducer(transactionalId: string): Promise<TransactionalProducer>;
  producer(): Promise<Producer>;
  /** Reads every committed record from the earliest offset up to the end at the time of the call; batches in order. */
  read(
    partition: TopicPartition,
    each: (records: readonly RawRecord[]) => void,
    range?: OffsetRange,
  ): Promise<void>;
  partitionCount(topic: string): Promise<number>;
  /** Asks the broker about topics, now. Topics that do not exist are absent. */
  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>>;
  /** By partition: the offset after the last record acknowledged to any producer (the high watermark). */
  endOffsets(topic: string): Promise<ReadonlyMap<number, number>>;
  /** By partition: the group's committed next offset; partitions without a commit are absent. */
  committedOffsets(group: string, topic: string): Promise<ReadonlyMap<number, number>>;
  /** By topic, the same with the notes that are kept with the offsets; topics without a commit may be absent. */
  committedPositions(group: string, topics: readonly string[]): Promise<CommittedByTopic>;
  /** By partition: the earliest offset that still exists. */
  beginningOffsets(topic: string): Promise<ReadonlyMap<number, number>>;
  close(): Promise<void>;
}
