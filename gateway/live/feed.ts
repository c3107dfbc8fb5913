/**
 * The gateway's eyes on Kafka: reads validated readings, predictions and alerts read-committed, in a group
 * of its own per instance (every instance sees everything), from a little before the end. Commits nothing:
 * what is shown is not processing. When the group or the broker is lost it says so and comes back by itself.
 */
import { randomUUID } from 'node:crypto';
import { within } from '../../base/retry.ts';
import { messageOf } from '../../base/text.ts';
import {
  GroupMember,
  partitionKey,
  watchLag,
  type Codec,
  type LagWatch,
  type OffsetToCommit,
  type RawRecord,
  type Stall,
  type TopicPartition,
  type Transport,
} from '../../stream/index.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { FeedState } from '../shared/messages.ts';

/** One topic to follow. `each` gets decoded values in offset order per partition. */
export interface Followed<T = unknown> {
  readonly topic: string;
  readonly codec: Codec<T>;
  /** How many offsets before the end to begin, per partition. */
  readonly rewind: number;
  each(value: T, source: TopicPartition, record: RawRecord): void;
}

export interface FeedOptions {
  readonly transport: Transport;
  readonly followed: readonly Followed[];
  readonly log: Logger;
  onState(state: FeedState): void;
  /** ms between two looks at whether the feed shows what comes; default 5,000. */
  readonly lookEvery?: number;
  /** A record that cannot be decoded; counted, never shown. */
  onUndecodable(topic: string): void;
}

export interface Feed {
  state(): FeedState;
  assignedPartitions(): number;
  /** Partitions of which nothing was shown for a minute although records came. */
  stalls(): readonly Stall[];
  stop(): Promise<void>;
}

/** Records waiting to be decoded before the broker is asked to pause. */
const highWater = 10_000;
const lowWater = 2_000;
/** How often Kafka is asked whether it is there, ms: a consumer whose broker is gone only waits. */
const probeEvery = 5_000;
const probeWithin = 4_000;
const pauses = { first: 500, longest: 10_000 };

export function startFeed(options: FeedOptions): Feed {
  return new KafkaFeed(options);
}

class KafkaFeed implements Feed {
  readonly #options: FeedOptions;
  readonly #group = `gateway-${randomUUID()}`;
  readonly #byTopic: ReadonlyMap<string, Followed>;
  #state: FeedState = { state: 'lost', since: Date.now(), detail: 'connecting to Kafka' };
  #assigned: readonly TopicPartition[] = [];
  #waiting = 0;
  #paused = false;
  #work: Promise<void> = Promise.resolve();
  /** The partitions that this membership has begun to read, as `topic/partition`. */
  #started = new Set<string>();
  readonly #member: GroupMember;
  readonly #probing: NodeJS.Timeout;
  /** By `topic/partition`: the offset up to which records were shown. */
  readonly #shown = new Map<string, number>();
  readonly #lag: LagWatch;
  #probeRuns = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#byTopic = new Map(options.followed.map((one) => [one.topic, one]));
    this.#member = new GroupMember({
      transport: options.transport,
      group: this.#group,
      topics: [...this.#byTopic.keys()],
      pauses,
      log: options.log,
      listener: {
        assigned: (partitions) => this.#onAssigned(partitions),
        records: (partition, records, position) => {
          this.#onRecords(partition, records, position);
        },
        // It shows what is there; the readers of the topics account for what is not.
        gap: ({ topic, partition }, from, to) => {
          options.log.warn(
            { topic, partition, from, to },
            'the live feed left out records that were deleted',
          );
        },
        ended: (error) => {
          this.#onLost(error);
        },
      },
    });
    void this.#member.start();
    this.#lag = watchLag({
      transport: options.transport,
      every: options.lookEvery,
      progress: () =>
        this.#assigned.flatMap((source) => {
          const committed = this.#shown.get(partitionKey(source));
          return committed === undefined ? [] : [{ group: this.#group, ...source, committed }];
        }),
    });
    this.#probing = setInterval(() => void this.#probe(), probeEvery);
  }

  state(): FeedState {
    return this.#state;
  }

  assignedPartitions(): number {
    return this.#assigned.length;
  }

  stalls(): readonly Stall[] {
    return this.#lag.stalls;
  }

  async stop(): Promise<void> {
    this.#lag.stop();
    clearInterval(this.#probing);
    await this.#member.stop();
    await this.#work;
  }

  #onLost(error: Error): void {
    this.#assigned = [];
    this.#started = new Set();
    this.#paused = false;
    if (this.#member.failures === 0) {
      this.#options.log.warn({ err: error, group: this.#group }, 'the live feed lost Kafka; trying again');
    }
    this.#change({ state: 'lost', since: Date.now(), detail: error.message });
  }

  /** Tells clients when the broker is gone, although the group has not noticed, and when it is back. */
  async #probe(): Promise<void> {
    const [followed] = this.#options.followed;
    if (this.#probeRuns || followed === undefined) return;
    this.#probeRuns = true;
    try {
      await within(probeWithin, this.#options.transport.endOffsets(followed.topic), () => {
        throw new Error('Kafka does not answer');
      });
      if (this.#state.state === 'lost' && this.#assigned.length > 0)
        this.#change({ state: 'live', since: Date.now() });
    } catch (error) {
      if (this.#state.state === 'live')
        this.#change({ state: 'lost', since: Date.now(), detail: messageOf(error) });
    } finally {
      this.#probeRuns = false;
    }
  }

  async #onAssigned(partitions: readonly TopicPartition[]): Promise<readonly OffsetToCommit[]> {
    const started = this.#started;
    const starts: OffsetToCommit[] = [];
    for (const topic of new Set(partitions.map((one) => one.topic))) {
      const rewind = this.#byTopic.get(topic)?.rewind ?? 0;
      const begin = await this.#options.transport.beginningOffsets(topic);
      const end = await this.#options.transport.endOffsets(topic);
      for (const { partition } of partitions.filter((one) => one.topic === topic)) {
        if (started.has(`${topic}/${partition}`)) continue;
        const offset = Math.max(begin.get(partition) ?? 0, (end.get(partition) ?? 0) - rewind);
        starts.push({ topic, partition, offset });
        this.#shown.set(partitionKey({ topic, partition }), offset);
        started.add(`${topic}/${partition}`);
      }
    }
    // It may have been lost while the broker was asked.
    if (this.#started !== started) return [];
    this.#assigned = partitions;
    this.#member.succeeded();
    if (this.#state.state !== 'live') this.#change({ state: 'live', since: Date.now() });
    return starts;
  }

  #onRecords(partition: TopicPartition, records: readonly RawRecord[], position: number): void {
    const followed = this.#byTopic.get(partition.topic);
    if (followed === undefined) return;
    this.#waiting += records.length;
    if (!this.#paused && this.#waiting > highWater) {
      this.#paused = true;
      this.#member.pause(this.#assigned);
    }
    this.#work = this.#work.then(async () => {
      await this.#decode(followed, partition, records);
      this.#shown.set(partitionKey(partition), position);
    });
  }

  async #decode(followed: Followed, source: TopicPartition, records: readonly RawRecord[]): Promise<void> {
    try {
      await followed.codec.prepare?.(
        records.flatMap((record) => (record.value === null ? [] : [record.value])),
      );
    } catch (error) {
      this.#options.log.warn(
        { err: error, topic: followed.topic },
        'the live feed left out a batch: no schemas',
      );
    }
    for (const record of records) {
      if (record.value === null) continue;
      let value: unknown;
      try {
        value = followed.codec.decode(record.value);
      } catch {
        this.#options.onUndecodable(followed.topic);
        continue;
      }
      followed.each(value, source, record);
    }
    this.#waiting -= records.length;
    if (this.#paused && this.#waiting < lowWater) {
      this.#paused = false;
      this.#member.resume(this.#assigned);
    }
  }

  #change(state: FeedState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}
