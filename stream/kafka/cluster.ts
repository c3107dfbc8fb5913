/**
 * A transport's view of the cluster: topics and their leaders, coordinators, and all requests without a group. It uses one
 * set of kafkajs' connections.
 */
import type { Kafka } from 'kafkajs';
import { StreamError, toError } from '../errors.ts';
import { Backoff } from '../retry.ts';
import { coordinatorOf, createCluster, createOwnBroker, type Broker, type Cluster } from './internals.ts';
import { unavailable } from './failures.ts';

/** Number of retries before giving up, because a leader may be moving or a topic may be new. */
const retries = 4;
const pauses = { first: 50 };

/** A connection, and what it has learned of the cluster. */
interface Link {
  readonly cluster: Cluster;
  readonly connected: Promise<void>;
  readonly topics: Map<string, Promise<void>>;
  /** Rejects the requests under way. When a connection is dropped, kafkajs itself never answers them. */
  readonly waiting: Set<(cause: Error) => void>;
}

export class ClusterView {
  readonly #kafka: Kafka;
  #link: Link | undefined;
  #closed = false;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /** Sends a request. When it fails, drops the connection, waits a little, and asks again on a new connection. */
  async request<T>(what: string, ask: (cluster: Cluster) => Promise<T>, topic?: string): Promise<T> {
    const backoff = new Backoff(pauses);
    for (;;) {
      const link = this.#connect();
      try {
        return await askBy(link, ask, topic);
      } catch (cause) {
        if (cause instanceof StreamError) throw cause;
        this.#drop(link, cause);
        if (backoff.failures === retries || this.#closed) {
          if (topic !== undefined && isUnknownTopic(cause)) throw missing(topic, cause);
          throw unavailable(what, cause);
        }
        await backoff.pause();
      }
    }
  }

  /** The leading node of each partition. */
  leaders(topic: string): Promise<readonly number[]> {
    return this.request(
      `cannot find the partitions of ${topic}`,
      (cluster) => {
        const leaders: number[] = [];
        for (const { partitionId, leader } of cluster.findTopicPartitionMetadata(topic))
          leaders[partitionId] = leader;
        return Promise.resolve(leaders);
      },
      topic,
    );
  }

  /** The node that coordinates a group, or the transactions of an id. */
  coordinator(of: keyof typeof coordinatorOf, name: string): Promise<number> {
    return this.request(`cannot find the coordinator of ${name}`, async (cluster) => {
      await cluster.refreshMetadataIfNecessary();
      const { nodeId } = await cluster.findGroupCoordinator({
        groupId: name,
        coordinatorType: coordinatorOf[of],
      });
      return Number(nodeId);
    });
  }

  /** Opens a separate connection to a node. */
  openBroker(nodeId: number): Promise<Broker> {
    return this.request(`node ${nodeId}`, async (cluster) => {
      const broker = await createOwnBroker(cluster, String(nodeId));
      await broker.connect();
      return broker;
    });
  }

  /** Call it when leaders or nodes have moved: the next request reads the metadata again. */
  async refresh(): Promise<void> {
    await this.request('metadata', (cluster) => cluster.refreshMetadata());
  }

  async close(): Promise<void> {
    this.#closed = true;
    const link = this.#link;
    this.#link = undefined;
    if (link === undefined) return;
    await disconnect(link, closed());
  }

  #connect(): Link {
    if (this.#closed) throw closed();
    if (this.#link === undefined) {
      const cluster = createCluster(this.#kafka);
      this.#link = { cluster, connected: cluster.connect(), topics: new Map(), waiting: new Set() };
    }
    return this.#link;
  }

  /** Requests that wait for answers on this connection are sent again on the new one. */
  #drop(link: Link, cause: unknown): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    void disconnect(link, toError(cause));
  }
}

const missing = (topic: string, cause?: unknown): StreamError =>
  new StreamError('TOPIC_MISSING', `topic ${topic} does not exist`, { cause });

const isUnknownTopic = (cause: unknown): boolean =>
  cause instanceof Error && 'type' in cause && cause.type === 'UNKNOWN_TOPIC_OR_PARTITION';

const closed = (): StreamError => new StreamError('CLOSED', 'this transport is closed');

/** Rejects when the connection is dropped before the answer. */
async function askBy<T>(link: Link, ask: (cluster: Cluster) => Promise<T>, topic?: string): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  link.waiting.add(reject);
  answer(link, ask, topic).then(resolve, reject);
  try {
    return await promise;
  } finally {
    link.waiting.delete(reject);
  }
}

async function answer<T>(link: Link, ask: (cluster: Cluster) => Promise<T>, topic?: string): Promise<T> {
  await link.connected;
  if (topic !== undefined) await know(link, topic);
  return ask(link.cluster);
}

function disconnect({ cluster, connected, waiting }: Link, cause: Error): Promise<void> {
  for (const reject of waiting) reject(cause);
  return connected.then(() => cluster.disconnect()).catch(() => undefined);
}

/** Reads a topic's metadata, once per connection and one topic at a time. */
async function know(link: Link, topic: string): Promise<void> {
  let known = link.topics.get(topic);
  if (known === undefined) {
    const before = [...link.topics.values()].at(-1) ?? Promise.resolve();
    known = before.catch(() => undefined).then(() => link.cluster.addTargetTopic(topic));
    link.topics.set(topic, known);
  }
  await known;
  if (link.cluster.findTopicPartitionMetadata(topic).length === 0) {
    link.topics.delete(topic);
    throw missing(topic);
  }
}
