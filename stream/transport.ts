/**
 * The narrow port between the runtime and a broker. Two implementations: Kafka (`kafka/`) and
 * a broker in memory (`memory/`); both pass the suite in `test/stream/transport.contract.ts`.
 */
import type { Headers } from './step.ts';

/** `topic/partition`, as a map key and in messages. */
export const partitionKey = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A record as it lies in a partition. */
export interface RawRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  /** Null is a tombstone. */
  readonly value: Buffer | null;
  /** ms since the epoch */
  readonly timestamp: number;
  readonly headers: Headers | undefined;
}

/** A record to be written. Without a partition, the key decides (murmur2, as Java's producer does). */
export interface ProducerRecord {
  readonly topic: string;
  readonly partition?: number;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly timestamp?: number;
  readonly headers?: Readonly<Record<string, Buffer | string>>;
}

export interface OffsetToCommit extends TopicPartition {
  /** The next offset to read, as Kafka counts. */
  readonly offset: number;
}

/** What a group has read, to be committed with a transaction. */
export interface GroupOffsets {
  readonly group: string;
  readonly offsets: readonly OffsetToCommit[];
}

/**
 * What a consumer in a group is told. Calls come one after another, never two at once; only records of partitions that
 * stay with this member may come while `assigned` is still at work on the others.
 */
export interface GroupListener {
  /**
   * The partitions this member now owns, after a rebalance. Says, for each, where to start reading; partitions
   * it already had and goes on with may be left out. Reading begins once the promise resolves.
   */
  assigned(partitions: readonly TopicPartition[]): Promise<readonly OffsetToCommit[]>;
  /**
   * Records in offset order per partition; must return at once (buffer, and pause when full). `position` is the
   * next offset to read: past the last record, and past whatever follows it that is no record (transaction
   * markers, compacted or aborted records). May come without records, when only such were passed over.
   */
  records(partition: TopicPartition, records: readonly RawRecord[], position: number): void;
  /** The group no longer counts this member in, or the connection is beyond repair; a new `consume` is needed. */
  lost(error: Error): void;
}

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** ms without a heartbeat until the group gives the partitions to another member; default 10,000. */
  readonly sessionTimeout?: number;
  readonly listener: GroupListener;
}

export interface Consumption {
  /** Stops fetching these partitions (backpressure) until `resume`. */
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** Leaves the group. No listener call comes after it resolves. */
  close(): Promise<void>;
}

/** One transactional id's producer. Making it fences the one that had the id before. */
export interface TransactionalProducer {
  /**
   * One whole transaction: all records and offsets, or none. Rejects with a `StreamError` whose code is
   * `FENCED` when a newer producer has the id, or `TRANSACTION_ABORTED` when it was not committed or nobody
   * can know (the connection broke on the commit). After either, this producer is done for: the caller makes
   * a new one, which settles the matter, and goes on from the offsets that are committed then.
   * @param landing for partitions that nobody else is to write to (its records name theirs): the offset that the first
   *   record written there must get, with the others right behind it. When one gets another, somebody has written in between, and the transaction
   *   is aborted.
   */
  transact(
    records: readonly ProducerRecord[],
    commits: readonly GroupOffsets[],
    landing?: readonly OffsetToCommit[],
  ): Promise<void>;
  close(): Promise<void>;
}

/** An idempotent producer without transactions, for sources and tools. Resolves when all in-sync replicas have it. */
export interface Producer {
  send(records: readonly ProducerRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** All reads see committed records only (read committed). */
export interface Transport {
  consume(options: ConsumeOptions): Promise<Consumption>;
  transactionalProducer(transactionalId: string): Promise<TransactionalProducer>;
  producer(): Promise<Producer>;
  /** Every committed record from the earliest offset up to the end as it is when called; batches in order. */
  read(partition: TopicPartition, each: (records: readonly RawRecord[]) => void): Promise<void>;
  partitionCount(topic: string): Promise<number>;
  /** By partition: the offset after the last record acknowledged to any producer (the high watermark). */
  endOffsets(topic: string): Promise<ReadonlyMap<number, number>>;
  /** By partition: the committed next offset of the group; partitions without a commit are absent. */
  committedOffsets(group: string, topic: string): Promise<ReadonlyMap<number, number>>;
  /** By partition: the earliest offset still there. */
  beginningOffsets(topic: string): Promise<ReadonlyMap<number, number>>;
  close(): Promise<void>;
}
