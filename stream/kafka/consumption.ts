/**
 * A group member. kafkajs does membership, heartbeats and assignment, with all its partitions always paused. Our fetcher
 * reads the records. We keep the positions, and kafkajs commits nothing.
 */
import type { Consumer, ConsumerGroupJoinEvent, Kafka, PartitionAssigner } from 'kafkajs';
import { editionBefore, type Edition } from '../edition.ts';
import type { StreamLog } from '../observer.ts';
import { StreamError, toError } from '../errors.ts';
import { within } from '../retry.ts';
import {
  partitionKey,
  type ConsumeOptions,
  type Consumption,
  type GroupListener,
  type RawRecord,
  type StartOffset,
  type TopicPartition,
} from '../transport.ts';
import { coPartitionedAssigner, editionIn } from './assigner.ts';
import { Fetcher } from './fetcher.ts';
import type { Cluster } from './internals.ts';
import { unavailable } from './failures.ts';
import { askAboutTopics } from './topic-facts.ts';

const defaultSessionTimeout = 10_000;
const closeTimeout = 5_000;

/** @param describe asks the coordinator for the subscriptions of all members of the group */
export async function consume(
  kafka: Kafka,
  options: ConsumeOptions,
  log: StreamLog,
  describe: (group: string) => Promise<readonly Buffer[]>,
): Promise<Consumption> {
  const sessionTimeout = options.sessionTimeout ?? defaultSessionTimeout;
  let cluster: Cluster | undefined;
  const assigner: PartitionAssigner = (config) => {
    // kafkajs passes its own connections to assigners. It does not fetch on them, so the fetcher can.
    cluster = config.cluster as unknown as Cluster;
    return coPartitionedAssigner(config.cluster, options.edition);
  };
  const consumer = kafka.consumer({
    groupId: options.group,
    partitionAssigners: [assigner],
    sessionTimeout,
    rebalanceTimeout: sessionTimeout * 2,
    heartbeatInterval: Math.min(1_000, sessionTimeout / 5),
    // With nothing to fetch, kafkajs sleeps this long before it checks again whether a heartbeat is due.
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
    retry: {
      retries: 4,
      initialRetryTime: 100,
      maxRetryTime: 1_000,
      restartOnFailure: () => Promise.resolve(false),
    },
  });
  if (cluster === undefined)
    throw new Error('kafkajs has changed: it no longer creates its assigners immediately; use version 2.2.4');
  const membership = new Membership(consumer, cluster, options, log, describe);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() });
  } catch (cause) {
    await membership.close();
    throw unavailable(`group ${options.group} cannot be joined`, cause);
  }
  return membership;
}

class Membership implements Consumption {
  readonly #consumer: Consumer;
  readonly #cluster: Cluster;
  readonly #listener: GroupListener;
  readonly #fetcher: Fetcher;
  readonly #pausedByOwner = new Set<string>();
  /** The edition for which this member waits, when it has no partitions. */
  readonly #editionBefore: () => Promise<Edition | undefined>;
  #turn: Promise<void> = Promise.resolve();
  #generation = 0;
  #closed = false;

  constructor(
    consumer: Consumer,
    cluster: Cluster,
    { group, listener, edition }: ConsumeOptions,
    log: StreamLog,
    describe: (group: string) => Promise<readonly Buffer[]>,
  ) {
    this.#consumer = consumer;
    this.#cluster = cluster;
    this.#listener = listener;
    this.#editionBefore = async () =>
      edition === undefined ? undefined : editionBefore(edition, (await describe(group)).map(editionIn));
    this.#fetcher = new Fetcher(cluster, {
      records: (partition, records, position) => {
        this.#handOn(partition, records, position);
      },
      gap: (partition, from, to) => {
        if (!this.#closed) this.#listener.gap(partition, from, to);
      },
      failed: (error) => {
        this.#lost(new StreamError('BROKER_UNAVAILABLE', error.message, { cause: error }));
      },
      stuck: ({ topic, partition }, error) => {
        log.error(
          { err: error, group, topic, partition },
          'a partition cannot be read; trying again every 5 s',
        );
      },
    });
    consumer.on(consumer.events.GROUP_JOIN, (event) => {
      this.#joined(event);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.#lost(new StreamError('BROKER_UNAVAILABLE', payload.error.message, { cause: payload.error }));
    });
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#pausedByOwner.add(partitionKey(partition));
      this.#fetcher.pause(partition);
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#pausedByOwner.delete(partitionKey(partition));
      this.#fetcher.resume(partition);
    }
  }

  /** Leaves the group. A broker that does not answer delays it by a few seconds at most. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#fetcher.close();
    await this.#turn;
    const left = this.#consumer.disconnect().catch(() => undefined);
    await within(closeTimeout, left, () => undefined);
  }

  /** kafkajs calls it synchronously, before its first fetch of the new generation. */
  #joined({ payload }: ConsumerGroupJoinEvent): void {
    if (this.#closed) return;
    this.#generation += 1;
    const generation = this.#generation;
    const partitions = Object.entries(payload.memberAssignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    if (partitions.length > 0)
      this.#consumer.pause(partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] })));
    const owned = new Set(partitions.map(partitionKey));
    this.#fetcher.allow(owned);
    this.#turn = this.#turn
      .then(() => this.#begin(partitions, owned, generation))
      .catch((error: unknown) => {
        this.#lost(toError(error));
      });
  }

  async #begin(
    partitions: readonly TopicPartition[],
    owned: ReadonlySet<string>,
    generation: number,
  ): Promise<void> {
    // If another rebalance has come already, its own call reports the assignment.
    if (this.#isOver(generation)) return;
    this.#fetcher.retain(owned);
    for (const key of [...this.#pausedByOwner]) if (!owned.has(key)) this.#pausedByOwner.delete(key);
    const starts = await this.#withIds(await this.#listener.assigned(partitions));
    this.#fetcher.start(
      starts.map((start) => ({ ...start, paused: this.#pausedByOwner.has(partitionKey(start)) })),
    );
    if (partitions.length > 0) return;
    const before = await this.#editionBefore();
    if (before !== undefined && !this.#isOver(generation)) this.#listener.waits?.(before);
  }

  #isOver(generation: number): boolean {
    return this.#closed || generation !== this.#generation;
  }

  async #withIds(starts: readonly StartOffset[]): Promise<readonly Required<StartOffset>[]> {
    const unknown = new Set(starts.flatMap(({ topic, topicId }) => (topicId === undefined ? [topic] : [])));
    const facts = unknown.size === 0 ? undefined : await askAboutTopics(this.#cluster, [...unknown]);
    return starts.map((start) => {
      const topicId = start.topicId ?? facts?.get(start.topic)?.id;
      if (topicId === undefined)
        throw new StreamError('TOPIC_MISSING', `topic ${start.topic} does not exist`);
      return { ...start, topicId };
    });
  }

  #handOn(partition: TopicPartition, records: readonly RawRecord[], position: number): void {
    if (!this.#closed) this.#listener.records(partition, records, position);
  }

  #lost(error: Error): void {
    if (!this.#closed) this.#listener.lost(error);
  }
}
