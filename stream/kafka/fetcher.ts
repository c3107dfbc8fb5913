/**
 * Reads partitions continuously. Each leading node gets one request at a time, for all of its partitions that are not paused.
 * Records are handed on at once, while the next request is under way.
 */
import { StreamError, toError } from '../errors.ts';
import { Backoff, pause } from '../retry.ts';
import { partitionKey, type RawRecord, type StartOffset, type TopicPartition } from '../transport.ts';
import { exchange, type Cluster } from './internals.ts';
import { ProtocolError, staleMetadata } from './protocol/error-codes.ts';
import { fetch, type FetchedPartition } from './protocol/fetch.ts';
import { decodeRecords } from './protocol/record-decoder.ts';

const maxBytes = 16 * 1024 * 1024;
const maxBytesPerPartition = 1024 * 1024;
/** How long a request may wait for records at the broker, ms. The broker answers as soon as it has records. */
const longestWait = 250;
/** The same while partitions are paused. It is short, because a resumed partition has to wait for the next request. */
const waitWhilePaused = 20;
const pauses = { first: 50, longest: 1_000 };
/** After this number of failures in a row, the connection counts as lost, and a partition as stuck. */
const mostFailures = 8;
/** ms between two tries of a partition that is stuck. */
const stuckPause = 5_000;

export interface FetchSink {
  records(partition: TopicPartition, records: readonly RawRecord[], position: number): void;
  /** The records from `from` to `to` no longer exist. Reading goes on at `to`, unless the partition is paused here. */
  gap(partition: TopicPartition, from: number, to: number): void;
  /** Nothing can be read any more: a new fetcher is needed. */
  failed(error: Error): void;
  /** One partition cannot be read for now. It is tried again every few seconds; the others go on. */
  stuck(partition: TopicPartition, error: Error): void;
}

interface Reading {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  position: number;
  paused: boolean;
  /** The position for which the current request has asked. */
  asked: number | undefined;
  /** For failures of this partition alone. */
  readonly backoff: Backoff;
  /** Not asked for until then, as `performance.now()` counts. */
  notBefore: number;
}

export class Fetcher {
  readonly #cluster: Cluster;
  readonly #sink: FetchSink;
  readonly #readings = new Map<string, Reading>();
  #allowed: ReadonlySet<string> = new Set();
  /** Nodes that have a request under way. */
  readonly #busy = new Set<number>();
  readonly #backoff = new Backoff(pauses);
  #closed = false;
  /** Asks again when the next partition that failed is due. */
  #wake: NodeJS.Timeout | undefined;

  constructor(cluster: Cluster, sink: FetchSink) {
    this.#cluster = cluster;
    this.#sink = sink;
  }

  /** Starts to read, or continues from another position. */
  start(partitions: readonly (Required<StartOffset> & { readonly paused: boolean })[]): void {
    if (this.#closed) return;
    for (const { topic, topicId, partition, offset, paused } of partitions)
      this.#readings.set(partitionKey({ topic, partition }), {
        topic,
        topicId,
        partition,
        position: offset,
        paused,
        asked: undefined,
        backoff: new Backoff(pauses),
        notBefore: 0,
      });
    this.#request();
  }

  /** From now on, only these partitions are read. The positions of others are kept, in case they are allowed again. */
  allow(keys: ReadonlySet<string>): void {
    this.#allowed = keys;
    this.#request();
  }

  /** Forgets all partitions except these. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of [...this.#readings.keys()]) if (!keys.has(key)) this.#readings.delete(key);
  }

  pause(partition: TopicPartition): void {
    const reading = this.#readings.get(partitionKey(partition));
    if (reading !== undefined) reading.paused = true;
  }

  resume(partition: TopicPartition): void {
    const reading = this.#readings.get(partitionKey(partition));
    if (reading?.paused !== true) return;
    reading.paused = false;
    this.#request();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#wake);
    this.#readings.clear();
  }

  /** Sends a request to every idle node that leads a partition to be read. */
  #request(): void {
    if (this.#closed) return;
    const byLeader = new Map<number, Reading[]>();
    const now = performance.now();
    for (const [key, reading] of this.#readings) {
      if (reading.paused || !this.#allowed.has(key) || reading.notBefore > now) continue;
      const leader = this.#leader(reading);
      const others = byLeader.get(leader);
      if (others === undefined) byLeader.set(leader, [reading]);
      else others.push(reading);
    }
    for (const [leader, readings] of byLeader) {
      if (this.#busy.has(leader)) continue;
      this.#busy.add(leader);
      void this.#fetch(leader, readings).then(() => {
        this.#busy.delete(leader);
        this.#request();
      });
    }
  }

  /** Returns the leading node. While kafkajs searches for another broker it has no metadata, and the leader is unknown. */
  #leader({ topic, partition }: Reading): number {
    try {
      const metadata = this.#cluster.findTopicPartitionMetadata(topic);
      return metadata.find(({ partitionId }) => partitionId === partition)?.leader ?? noLeader;
    } catch {
      return noLeader;
    }
  }

  /** Never rejects. */
  async #fetch(leader: number, readings: readonly Reading[]): Promise<void> {
    try {
      const fetched = await this.#ask(leader, readings);
      const errors: Error[] = [];
      for (const partition of fetched)
        await this.#take(partition).catch((error: unknown) => {
          if (this.#concernsAll(error)) errors.push(error);
          else this.#holdBack(partition, toError(error));
        });
      const [first] = errors;
      if (first !== undefined) throw first;
      this.#backoff.reset();
    } catch (error) {
      await this.#recover(toError(error));
    }
  }

  async #ask(leader: number, readings: readonly Reading[]): Promise<readonly FetchedPartition[]> {
    if (leader === noLeader) throw new ProtocolError(5, 'Fetch');
    const broker = await this.#cluster.findBroker({ nodeId: String(leader) });
    const connection = await broker.connectionPool.getConnection(1);
    for (const reading of readings) reading.asked = reading.position;
    const somePaused = [...this.#readings.values()].some(({ paused }) => paused);
    const request = fetch(
      readings.map(({ position, ...reading }) => ({ ...reading, offset: position })),
      { maxWait: somePaused ? waitWhilePaused : longestWait, maxBytes, maxBytesPerPartition },
    );
    return exchange(connection, request);
  }

  /** New metadata may fix it, or the topic was deleted and created again. All other errors concern one partition only. */
  #concernsAll(error: unknown): error is Error {
    return error instanceof StreamError || (error instanceof ProtocolError && staleMetadata.has(error.type));
  }

  /** Waits longer after each failure, so that a partition that cannot be read does not slow the others down. */
  #holdBack(partition: TopicPartition, error: Error): void {
    const reading = this.#readings.get(partitionKey(partition));
    if (reading === undefined || this.#closed) return;
    const growing = reading.backoff.next();
    const isStuck = reading.backoff.failures >= mostFailures;
    reading.notBefore = performance.now() + (isStuck ? stuckPause : growing);
    this.#wakeWhenDue();
    if (isStuck) this.#sink.stuck({ topic: reading.topic, partition: reading.partition }, error);
  }

  #wakeWhenDue(): void {
    const now = performance.now();
    const due = Math.min(
      ...[...this.#readings.values()].map(({ notBefore }) => (notBefore > now ? notBefore : Infinity)),
    );
    clearTimeout(this.#wake);
    if (due === Infinity) return;
    this.#wake = setTimeout(
      () => {
        this.#request();
        this.#wakeWhenDue();
      },
      Math.ceil(due - now),
    );
  }

  /** @throws whatever keeps this partition from being read */
  async #take(fetched: FetchedPartition): Promise<void> {
    const { topic, partition, errorCode } = fetched;
    const key = partitionKey(fetched);
    const reading = this.#readings.get(key);
    // In the meantime, the partition may have been paused, removed, or given back with another position.
    if (reading === undefined || this.#isHeld(key, reading) || reading.asked !== reading.position) return;
    if (errorCode !== 0) {
      const error = new ProtocolError(errorCode, `reading ${key}`);
      if (error.type !== 'OFFSET_OUT_OF_RANGE') throw error;
      await this.#findAgain(reading);
      return;
    }
    if (fetched.records.length === 0) return;
    const { records, position } = await decodeRecords(fetched.records, fetched.aborted, reading.position);
    // Decompression takes time, in which the same may have happened.
    if (position === undefined || this.#isHeld(key, reading) || this.#readings.get(key) !== reading) return;
    reading.position = position;
    reading.backoff.reset();
    this.#sink.records({ topic, partition }, records, position);
  }

  #isHeld(key: string, reading: Reading): boolean {
    return reading.paused || !this.#allowed.has(key);
  }

  /** The next record to read is already deleted. Says so, and continues with the earliest one that is left. */
  async #findAgain(reading: Reading): Promise<void> {
    const { topic, partition } = reading;
    const [answer] = await this.#cluster.fetchTopicsOffset([
      { topic, fromBeginning: true, partitions: [{ partition }] },
    ]);
    const beginning = Number(answer?.partitions[0]?.offset);
    if (!(beginning > reading.position))
      throw new StreamError(
        'TOPIC_MISMATCH',
        `${topic}/${partition} ends before offset ${reading.position}, which is the next to read: ` +
          'the topic was deleted and created again, or has lost records',
      );
    const from = reading.position;
    reading.position = beginning;
    this.#sink.gap({ topic, partition }, from, beginning);
  }

  async #recover(error: Error): Promise<void> {
    if (this.#closed) return;
    const rest = this.#backoff.next();
    if (this.#backoff.failures >= mostFailures || error instanceof StreamError) {
      this.close();
      this.#sink.failed(error);
      return;
    }
    await pause(rest);
    await this.#cluster.refreshMetadata().catch(() => undefined);
  }
}

const noLeader = -1;
