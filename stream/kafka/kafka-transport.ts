/** The transport over Kafka. kafkajs does connections and groups; `protocol/` does records and transactions. */
import kafkajs, { type Admin, type Kafka, type KafkaConfig } from 'kafkajs';
import { silentLog, type StreamLog } from '../observer.ts';
import type {
  CommittedByTopic,
  ConsumeOptions,
  Consumption,
  OffsetRange,
  Producer,
  RawRecord,
  TopicFacts,
  TopicPartition,
  TransactionalProducer,
  Transport,
} from '../transport.ts';
import { ClusterView } from './cluster.ts';
import { consume } from './consumption.ts';
import { createIdempotentProducer } from './idempotent-producer.ts';
import { coordinatorOf, exchange, fixKafkajs, type Cluster } from './internals.ts';
import type { Compression } from './protocol/compression.ts';
import { fetchCommitted } from './protocol/offset-fetch.ts';
import { Reader } from './reader.ts';
import { unavailable, whenCoordinatorIsReady } from './failures.ts';
import { createTransactionalProducer } from './transactional-producer.ts';

export interface KafkaTransportOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
  /** How long the broker waits before it aborts a transaction that its producer left open, ms; default 15,000. */
  readonly transactionTimeout?: number;
  /** What record batches are written with; default none. All codecs are read. */
  readonly compression?: Compression;
  readonly log?: StreamLog;
}

export class KafkaTransport implements Transport {
  readonly #kafka: Kafka;
  readonly #cluster: ClusterView;
  readonly #reader: Reader;
  readonly #transactionTimeout: number;
  readonly #compression: Compression;
  readonly #log: StreamLog;
  #admin: Promise<Admin> | undefined;
  #isWarned = false;

  constructor(options: KafkaTransportOptions) {
    fixKafkajs();
    this.#log = options.log ?? silentLog;
    this.#kafka = new kafkajs.Kafka({
      brokers: [...options.brokers],
      clientId: options.clientId,
      ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
      ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
      connectionTimeout: 3_000,
      requestTimeout: 15_000,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 },
      logLevel: kafkajs.logLevel.WARN,
      logCreator: logInto(this.#log),
    });
    this.#cluster = new ClusterView(this.#kafka);
    this.#reader = new Reader(this.#cluster);
    this.#transactionTimeout = options.transactionTimeout ?? 15_000;
    this.#compression = options.compression ?? 'none';
  }

  consume(options: ConsumeOptions): Promise<Consumption> {
    return consume(this.#kafka, options, this.#log, (group) => this.#subscriptions(group));
  }

  transactionalProducer(transactionalId: string): Promise<TransactionalProducer> {
    return createTransactionalProducer(this.#cluster, {
      transactionalId,
      transactionTimeout: this.#transactionTimeout,
      compression: this.#compression,
      onWeakFencing: (why) => {
        this.#warnOnce(why);
      },
    });
  }

  producer(): Promise<Producer> {
    return createIdempotentProducer(this.#cluster, this.#compression);
  }

  read(
    partition: TopicPartition,
    each: (records: readonly RawRecord[]) => void,
    range?: OffsetRange,
  ): Promise<void> {
    return this.#reader.read(partition, each, range);
  }

  partitionCount(topic: string): Promise<number> {
    return this.#reader.partitionCount(topic);
  }

  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>> {
    return this.#reader.describe(topics);
  }

  endOffsets(topic: string): Promise<ReadonlyMap<number, number>> {
    return this.#reader.offsets(topic, 'end');
  }

  beginningOffsets(topic: string): Promise<ReadonlyMap<number, number>> {
    return this.#reader.offsets(topic, 'beginning');
  }

  async committedOffsets(group: string, topic: string): Promise<ReadonlyMap<number, number>> {
    const positions = (await this.committedPositions(group)).get(topic) ?? [];
    return new Map([...positions].map(([partition, { offset }]) => [partition, offset]));
  }

  /** Of all topics, whichever are wanted: one request asks for everything that the group has committed. */
  committedPositions(group: string): Promise<CommittedByTopic> {
    return this.#cluster.request(`committed offsets of ${group}`, (cluster) =>
      whenCoordinatorIsReady(() => askCoordinator(cluster, group)),
    );
  }

  async close(): Promise<void> {
    await this.#cluster.close();
    const admin = await this.#admin?.catch(() => undefined);
    await admin?.disconnect();
  }

  /** All producers of a transport find the same. */
  #warnOnce(why: string): void {
    if (this.#isWarned) return;
    this.#isWarned = true;
    this.#log.warn({ why }, 'transactions are not fenced strictly');
  }

  /** The metadata of each member's subscription. */
  async #subscriptions(group: string): Promise<readonly Buffer[]> {
    try {
      const admin = await this.#connectAdmin();
      const { groups } = await admin.describeGroups([group]);
      return groups.flatMap(({ members }) => members.map(({ memberMetadata }) => memberMetadata));
    } catch (cause) {
      throw unavailable(`members of ${group}`, cause);
    }
  }

  #connectAdmin(): Promise<Admin> {
    this.#admin ??= connect(this.#kafka.admin()).catch((error: unknown) => {
      this.#admin = undefined;
      throw error;
    });
    return this.#admin;
  }
}

/** The coordinator may have moved, so it is looked up each time. */
async function askCoordinator(cluster: Cluster, groupId: string): Promise<CommittedByTopic> {
  await cluster.refreshMetadataIfNecessary();
  const coordinatorType = coordinatorOf.group;
  const { connectionPool } = await cluster.findGroupCoordinator({ groupId, coordinatorType });
  return exchange(await connectionPool.getConnection(0), fetchCommitted(groupId));
}

async function connect(admin: Admin): Promise<Admin> {
  await admin.connect();
  return admin;
}

const ordinary = [
  // CONCURRENT_TRANSACTIONS: the last transaction is about to complete. This is normal between two, and is retried at once.
  'another concurrent operation on the same transaction',
  // We limit our retries on purpose: a transaction that uses them up is aborted and done again.
  'Limiting retries for the idempotent producer',
];

interface KafkajsEntry {
  readonly namespace: string;
  readonly log: { readonly message: string; readonly error?: unknown };
}

/** kafkajs logs failures that it will retry as errors. We log them as warnings. */
const logInto =
  (log: StreamLog) =>
  () =>
  ({ namespace, log: { message, ...fields } }: KafkajsEntry): void => {
    const text = `${message} ${String(fields.error)}`;
    if (ordinary.some((part) => text.includes(part))) return;
    log.warn({ kafkajs: namespace, ...fields }, message);
  };
