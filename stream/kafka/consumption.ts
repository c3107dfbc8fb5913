/**
 * A group member over kafkajs. Fetched records are handed on at once and positions are ours: kafkajs commits
 * nothing, and after every join each partition is paused until the listener has said where it begins.
 */
import type {
  Consumer,
  ConsumerEndBatchProcessEvent,
  ConsumerGroupJoinEvent,
  EachBatchPayload,
  Kafka,
} from 'kafkajs';
import { StreamError } from '../errors.ts';
import {
  partitionKey,
  type ConsumeOptions,
  type Consumption,
  type GroupListener,
  type TopicPartition,
} from '../transport.ts';
import { coPartitionedAssigner } from './assigner.ts';
import { toRawRecord, unavailable } from './records.ts';

const defaultSessionTimeout = 10_000;
const closeTimeout = 5_000;

export async function consume(kafka: Kafka, options: ConsumeOptions): Promise<Consumption> {
  const sessionTimeout = options.sessionTimeout ?? defaultSessionTimeout;
  const consumer = kafka.consumer({
    groupId: options.group,
    partitionAssigners: [coPartitionedAssigner],
    sessionTimeout,
    rebalanceTimeout: sessionTimeout * 2,
    heartbeatInterval: Math.min(1_000, sessionTimeout / 5),
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: 4 * 1024 * 1024,
    allowAutoTopicCreation: false,
    retry: {
      retries: 4,
      initialRetryTime: 100,
      maxRetryTime: 1_000,
      restartOnFailure: () => Promise.resolve(false),
    },
  });
  const membership = new Membership(consumer, options.listener);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: (payload) => {
        membership.received(payload);
        return Promise.resolve();
      },
    });
  } catch (cause) {
    await membership.close();
    throw unavailable(`group ${options.group} cannot be joined`, cause);
  }
  return membership;
}

class Membership implements Consumption {
  readonly #consumer: Consumer;
  readonly #listener: GroupListener;
  /** Next offset to hand on, per partition that has begun. */
  readonly #positions = new Map<string, number>();
  readonly #pausedByOwner = new Set<string>();
  #turn: Promise<void> = Promise.resolve();
  #generation = 0;
  #closed = false;

  constructor(consumer: Consumer, listener: GroupListener) {
    this.#consumer = consumer;
    this.#listener = listener;
    consumer.on(consumer.events.GROUP_JOIN, (event) => {
      this.#joined(event);
    });
    consumer.on(consumer.events.END_BATCH_PROCESS, (event) => {
      this.#passedOver(event);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!this.#closed)
        listener.lost(new StreamError('BROKER_UNAVAILABLE', payload.error.message, { cause: payload.error }));
    });
  }

  received({ batch }: EachBatchPayload): void {
    const source = { topic: batch.topic, partition: batch.partition };
    this.#handOn(source, batch.messages.map(toRawRecord), Number(batch.lastOffset()) + 1);
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#pausedByOwner.add(partitionKey(partition));
    if (!this.#closed) this.#consumer.pause(toKafkaPartitions(partitions));
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#pausedByOwner.delete(partitionKey(partition));
    const begun = partitions.filter((partition) => this.#positions.has(partitionKey(partition)));
    if (!this.#closed && begun.length > 0) this.#consumer.resume(toKafkaPartitions(begun));
  }

  /** Leaves the group; a broker that does not answer holds it up for seconds at most. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeTimeout);
    });
    await Promise.race([this.#consumer.disconnect().catch(() => undefined), patience]);
    clearTimeout(timer);
  }

  /** Called by kafkajs before the first fetch of the new generation, and synchronously. */
  #joined({ payload }: ConsumerGroupJoinEvent): void {
    if (this.#closed) return;
    this.#generation += 1;
    const generation = this.#generation;
    const partitions = Object.entries(payload.memberAssignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    if (partitions.length > 0) this.#consumer.pause(toKafkaPartitions(partitions));
    this.#turn = this.#turn
      .then(() => this.#begin(partitions, generation))
      .catch((error: unknown) => {
        if (!this.#closed) this.#listener.lost(error instanceof Error ? error : new Error(String(error)));
      });
  }

  async #begin(partitions: readonly TopicPartition[], generation: number): Promise<void> {
    if (this.#closed || generation !== this.#generation) return;
    const owned = new Set(partitions.map(partitionKey));
    for (const key of [...this.#positions.keys()]) if (!owned.has(key)) this.#positions.delete(key);
    for (const key of [...this.#pausedByOwner]) if (!owned.has(key)) this.#pausedByOwner.delete(key);
    const starts = await this.#listener.assigned(partitions);
    for (const start of starts) this.#positions.set(partitionKey(start), start.offset);
    // Another rebalance has come in between: its own turn will begin these.
    if (this.#isOver(generation)) return;
    const going: TopicPartition[] = [];
    for (const { topic, partition } of partitions) {
      const key = partitionKey({ topic, partition });
      const position = this.#positions.get(key);
      if (position === undefined) continue;
      // After a join kafkajs would begin at the committed offset, which may lie behind what was handed on.
      this.#consumer.seek({ topic, partition, offset: String(position) });
      if (!this.#pausedByOwner.has(key)) going.push({ topic, partition });
    }
    if (going.length > 0) this.#consumer.resume(toKafkaPartitions(going));
  }

  #isOver(generation: number): boolean {
    return this.#closed || generation !== this.#generation;
  }

  /** Control records, aborted and compacted ones: nothing to hand on, but the position moves. */
  #passedOver({ payload }: ConsumerEndBatchProcessEvent): void {
    if (payload.batchSize === 0)
      this.#handOn(
        { topic: payload.topic, partition: payload.partition },
        [],
        Number(payload.lastOffset) + 1,
      );
  }

  #handOn(source: TopicPartition, records: ReturnType<typeof toRawRecord>[], position: number): void {
    const key = partitionKey(source);
    const expected = this.#positions.get(key);
    if (this.#closed || expected === undefined || position <= expected) return;
    this.#positions.set(key, position);
    const first = records[0];
    const fresh =
      first !== undefined && first.offset < expected
        ? records.filter(({ offset }) => offset >= expected)
        : records;
    this.#listener.records(source, fresh, position);
  }
}

function toKafkaPartitions(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const numbers = topics.get(topic);
    if (numbers === undefined) topics.set(topic, [partition]);
    else numbers.push(partition);
  }
  return [...topics].map(([topic, numbers]) => ({ topic, partitions: numbers }));
}
