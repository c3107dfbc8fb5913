/**
 * The TimescaleDB sink: each committed record of the topics becomes rows of their tables, exactly once.
 *
 * Delivery guarantees: one transaction stores rows and positions, under a claim that fences the former owner of the
 * partition. Keys are made from the data. So a crash, a rebalance or a zombie neither loses nor duplicates a row, and a
 * replay of a topic changes nothing. Dead letters are written at least once.
 */
import { describeStandstill } from '../../../base/standstill-text.ts';
import { messageOf } from '../../../base/text.ts';
import {
  type Codec,
  type Consumption,
  GroupMember,
  type MemberListener,
  partitionKey,
  type RawRecord,
  silentLog,
  type StartOffset,
  type StreamLog,
  type TopicPartition,
  type Transport,
} from '../../../stream/index.ts';
import { topicNames, type TopicNames, storedTopics, type StoredTopic } from '../../../schemas/catalogue.ts';
import type { ValueOf } from '../../../schemas/values.ts';
import { claimPartitions } from './claiming.ts';
import {
  databaseError,
  logServerKind,
  mostConnections,
  serverKind,
  sinkPool,
} from '../database-connection.ts';
import { lanes, type Lane } from './lanes.ts';
import type { Load } from './load-rows.ts';
import { JobWatch } from './job-watch.ts';
import type { SinkObserver } from './observer.ts';
import { bind, SinkPartition, type Binding } from './partition.ts';
import { PartitionWatch } from './partition-watch.ts';
import { SinkGaps } from './sink-gaps.ts';
import type { SinkHealth } from './sink-health.ts';
import { Waiting } from './waiting.ts';
import { Writer } from './writer.ts';

export interface TimescaleSinkOptions {
  readonly transport: Transport;
  /** The caller has made it ready. */
  readonly serde: { codec<T extends StoredTopic>(topic: T): Codec<ValueOf<T>> };
  readonly databaseUrl: string;
  /** The consumer group; also the sink's name in `sink_offsets`. */
  readonly group: string;
  /** The topics to store; default: all that have a table. */
  readonly topics?: readonly StoredTopic[];
  /** The names of the topics on the broker; default: those of the catalogue. */
  readonly names?: TopicNames;
  readonly log?: StreamLog;
  readonly observer?: SinkObserver;
  /** Bytes of the largest record on the dead-letter topic; default: a broker's 1 MiB. A larger dead letter is cut. */
  readonly maxDeadLetterBytes?: number;
  /** The topic on which the sink reports halted partitions, and operators let it continue. */
  readonly breakerTopic?: string;
  readonly load?: Load;
  readonly batchRows?: number;
  /** The shortest time between two small batches, ms. */
  readonly linger?: number;
  /** Largest number of connections to the database; default 3. With fewer, the writers take turns. */
  readonly connections?: number;
  readonly sessionTimeout?: number;
  /** ms between two looks at the topics; default 10,000. */
  readonly watchEvery?: number;
  /** How long `stop` continues to store fetched records, ms. The rest is read again later. */
  readonly drainTimeout?: number;
  /** How long to tolerate another sink's claim on a partition assigned to us, in ms. */
  readonly contestPatience?: number;
}

export interface TimescaleSink {
  /** Resolves when the sink has stopped; rejects when it cannot continue, which is a bug. */
  readonly done: Promise<void>;
  health(): SinkHealth;
  stop(): Promise<void>;
}

/**
 * Waits for a database that does not answer.
 * @throws CastwatchError DATABASE_REFUSED when the database answers with a refusal
 */
export async function startTimescaleSink(options: TimescaleSinkOptions): Promise<TimescaleSink> {
  const sink = new Sink(options);
  await sink.start();
  return sink;
}

class Sink implements TimescaleSink, MemberListener {
  readonly done: Promise<void>;
  readonly #options: TimescaleSinkOptions;
  readonly #log: StreamLog;
  readonly #pool: ReturnType<typeof sinkPool>;
  readonly #bindings: ReadonlyMap<string, Binding>;
  readonly #partitions = new Map<string, SinkPartition>();
  readonly #stopping = new AbortController();
  readonly #leaving = new AbortController();
  readonly #waiting: Waiting;
  readonly #gaps: SinkGaps;
  readonly #jobs: JobWatch;
  readonly #writers: readonly Writer[];
  readonly #watch: PartitionWatch;
  readonly #member: GroupMember;
  readonly #finished = Promise.withResolvers<undefined>();
  #state: 'starting' | 'running' | 'stopped' = 'starting';

  constructor(options: TimescaleSinkOptions) {
    this.#options = options;
    this.done = this.#finished.promise;
    // The caller may await `done` after it has rejected.
    this.done.catch(() => undefined);
    this.#log = options.log ?? silentLog;
    const names = options.names ?? topicNames();
    this.#bindings = new Map(
      (options.topics ?? storedTopics).map((topic) => [
        names[topic],
        bind(topic, names[topic], options.serde.codec(topic)),
      ]),
    );
    this.#pool = sinkPool({
      databaseUrl: options.databaseUrl,
      sink: options.group,
      connections: options.connections ?? mostConnections,
      onError: (error) => {
        this.#log.info({ err: error }, 'an idle database connection was closed');
      },
    });
    this.#gaps = new SinkGaps({
      ...{ sink: options.group, pool: this.#pool, log: this.#log, observer: options.observer ?? {} },
    });
    this.#jobs = new JobWatch({ pool: this.#pool, log: this.#log, observer: options.observer ?? {} });
    this.#waiting = new Waiting(this.#log, options.observer ?? {}, this.#stopping.signal);
    this.#watch = new PartitionWatch({
      ...{ sink: options.group, transport: options.transport, breakerTopic: options.breakerTopic },
      log: this.#log,
      partitions: () => this.#partitions.values(),
      onOrder: (order) => {
        this.#member.rejoin(new Error(order));
      },
    });
    this.#writers = lanes.map((lane) => this.#writerOf(lane, names.deadLetters));
    this.#member = new GroupMember({
      transport: options.transport,
      group: options.group,
      topics: [...this.#bindings.keys()],
      ...(options.sessionTimeout === undefined ? {} : { sessionTimeout: options.sessionTimeout }),
      ...(options.watchEvery === undefined ? {} : { watchEvery: options.watchEvery }),
      log: this.#log,
      listener: this,
      join: (attempt) => this.#join(attempt),
    });
  }

  #writerOf(lane: Lane, deadLetterTopic: string): Writer {
    const { group, transport, observer = {}, load = 'copy', batchRows = 10_000, linger = 50 } = this.#options;
    const { maxDeadLetterBytes } = this.#options;
    return new Writer({
      ...{ sink: group, pool: this.#pool, transport, deadLetterTopic, maxDeadLetterBytes },
      ...{ log: this.#log, observer },
      ...{ waiting: this.#waiting, load, batchRows, linger, signal: this.#stopping.signal },
      partitions: () => [...this.#partitions.values()].filter(({ binding }) => binding.lane === lane),
      onTaken: (partition) => {
        this.#regulate(partition);
      },
      onContested: (partition) => {
        this.#contested(partition);
      },
    });
  }

  async start(): Promise<void> {
    try {
      logServerKind(this.#log, await serverKind(this.#pool));
      await this.#pool.query('SELECT FROM castwatch.sink_offsets LIMIT 0');
    } catch (error) {
      const refusal = databaseError('the sink cannot use the database', error);
      if (refusal.code === 'DATABASE_REFUSED') {
        await this.#pool.end();
        throw refusal;
      }
      this.#log.warn({ err: error }, 'the database does not answer yet; the sink waits for it');
    }
    Promise.all(this.#writers.map((writer) => writer.run())).then(
      () => {
        this.#finished.resolve(undefined);
      },
      (error: unknown) => {
        this.#finished.reject(error);
        void this.#member.stop();
      },
    );
    await this.#member.start();
    this.#state = 'running';
    this.#jobs.start();
  }

  health(): SinkHealth {
    const partitions = [...this.#partitions.values()];
    const standstills = this.#watch.standstills();
    const halted = standstills.map(describeStandstill);
    const problems = [...this.#waiting.problems, ...halted];
    let state: SinkHealth['state'] = this.#state;
    if (state === 'running' && problems.length > 0) state = halted.length > 0 ? 'halted' : 'waiting';
    return {
      state,
      problems,
      standstills,
      notices: [...this.#gaps.notices, ...this.#jobs.notices],
      partitions: partitions.map((partition) => ({
        ...partition.source,
        stored: partition.stored,
        fetched: partition.buffer.position,
        halted: partition.halted !== undefined,
      })),
    };
  }

  async stop(): Promise<void> {
    if (this.#state === 'stopped') return this.done;
    this.#state = 'stopped';
    this.#leaving.abort();
    const { isJoined } = this.#member;
    const left = this.#member.stop();
    // A broker that does not answer must not delay the storing of fetched records.
    if (isJoined) await left;
    for (const writer of this.#writers) writer.drain();
    const timer = setTimeout(() => {
      this.#stopping.abort();
      this.#wake();
    }, this.#options.drainTimeout ?? 5_000);
    try {
      await this.done;
    } finally {
      clearTimeout(timer);
      this.#stopping.abort(); // after one writer has failed, the other must not wait for ever
      this.#jobs.stop();
      await this.#watch.close();
      await this.#pool.end();
    }
  }

  async assigned(assignment: readonly TopicPartition[]): Promise<readonly StartOffset[]> {
    const kept = new Set(assignment.map(partitionKey));
    for (const [key, partition] of this.#partitions) if (!kept.has(key)) this.#forget(key, partition);
    const fresh = assignment.filter((source) => !this.#partitions.has(partitionKey(source)));
    const starts: StartOffset[] = [];
    if (fresh.length > 0) await this.#watch.load();
    for (const { source, topicId, stored, epoch, from } of await claimPartitions(fresh, {
      pool: this.#pool,
      transport: this.#options.transport,
      sink: this.#options.group,
      log: this.#log,
      waiting: this.#waiting,
      leaving: this.#leaving.signal,
      onGap: (source, gap) => {
        this.#gaps.report(source, gap);
      },
    })) {
      const binding = this.#bindings.get(source.topic);
      if (binding === undefined) continue;
      const allowedUntil = this.#watch.allowedUntil(source.topic, source.partition);
      const made = new SinkPartition(source, binding, epoch, stored, from, allowedUntil);
      this.#partitions.set(partitionKey(source), made);
      starts.push({ ...source, offset: from, ...(topicId === undefined ? {} : { topicId }) });
    }
    return starts;
  }

  records(source: TopicPartition, records: readonly RawRecord[], position: number): void {
    const partition = this.#partitions.get(partitionKey(source));
    if (partition === undefined) return;
    partition.push(records, position);
    this.#regulate(partition);
    this.#wake();
  }

  gap(source: TopicPartition, from: number, to: number): void {
    this.#gaps.meet(source, { reason: 'deleted', from, to, at: Date.now() });
    this.records(source, [], to);
  }

  #wake(): void {
    for (const writer of this.#writers) writer.wake();
  }

  ended(error: Error): void {
    this.#log.warn({ err: error }, 'the sink is no longer in its group and joins again');
  }

  left(): Promise<void> {
    // While the sink stops, its writers still store the buffered records.
    if (!this.#leaving.signal.aborted)
      for (const [key, partition] of this.#partitions) this.#forget(key, partition);
    return Promise.resolve();
  }

  #regulate(partition: SinkPartition): void {
    if (!this.#member.isJoined || !this.#partitions.has(partitionKey(partition.source))) return;
    if (!partition.paused && (partition.isFull || partition.halted !== undefined)) {
      partition.paused = true;
      this.#member.pause([partition.source]);
    } else if (partition.paused && partition.hasRoom && partition.halted === undefined) {
      partition.paused = false;
      this.#member.resume([partition.source]);
    }
  }

  #forget(key: string, partition: SinkPartition): void {
    partition.owned = false;
    this.#partitions.delete(key);
    this.#watch.forget(partition);
  }

  /** Claims the partition again if it stays assigned to us: then another sink has claimed it by mistake. */
  #contested(partition: SinkPartition): void {
    this.#log.warn(
      { ...partition.source },
      `another sink has claimed ${partitionKey(partition.source)}, or the database has lost commits`,
    );
    const timer = setTimeout(() => {
      if (this.#partitions.get(partitionKey(partition.source)) === partition)
        this.#member.rejoin(new Error(`${partitionKey(partition.source)} is still assigned to this sink`));
    }, this.#options.contestPatience ?? 2_000);
    timer.unref();
  }

  /** Waits for the broker, and reports the wait in `health`. */
  async #join(attempt: () => Promise<Consumption>): Promise<Consumption | undefined> {
    const joined = await this.#waiting.until('kafka', async (failed) => {
      if (this.#leaving.signal.aborted) return { consumption: undefined };
      try {
        return { consumption: await attempt() };
      } catch (error) {
        failed(messageOf(error), 'check that the broker is running and has the topics');
        return undefined;
      }
    });
    return joined?.consumption;
  }
}
