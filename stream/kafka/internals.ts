/**
 * The parts of kafkajs 2.2.4 that we need and that are not in its public interface: its connections, for our own requests,
 * and its metadata of a cluster. The library is pinned and no longer changes, so this description stays true.
 * `test/stream/kafka/internals.test.ts` fails if it does not.
 */
import { createRequire } from 'node:module';
import type { Writable } from 'node:stream';
import type { Kafka } from 'kafkajs';
import { parseResponse, toFrame, type Request } from './protocol/request.ts';

const require = createRequire(import.meta.url);

interface FetchedPartition {
  readonly partition: number;
  readonly highWatermark: string;
  /** All transactions before this offset are committed or aborted. */
  readonly lastStableOffset?: string;
}

interface FetchResponse {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly FetchedPartition[];
  }[];
}

interface FetchRequest {
  readonly isolationLevel: number;
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly fetchOffset: string;
      readonly maxBytes: number;
    }[];
  }[];
}

export interface Broker {
  readonly nodeId: number | string | null;
  readonly connectionPool: ConnectionPool;
  /** Supported versions by API key, once connected. */
  readonly versions: Readonly<Record<number, { readonly maxVersion: number } | undefined>> | null;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
  fetch(request: FetchRequest): Promise<FetchResponse>;
}

interface ConnectionPool {
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
  /** Returns connection 0 for requests in general, 1 for fetches; connects if necessary. */
  getConnection(index: 0 | 1): Promise<Connection>;
}

/** A socket with what kafkajs adds: correlation of answers, timeouts, authentication. */
export interface Connection {
  readonly clientId: string;
  readonly sasl: object | null;
  readonly socket: Writable;
  readonly requestQueue: {
    push(request: {
      readonly entry: {
        readonly apiKey: number;
        readonly apiName: string;
        readonly apiVersion: number;
        readonly correlationId: number;
        readonly resolve: (response: { readonly payload: Buffer }) => void;
        readonly reject: (error: Error) => void;
      };
      readonly expectResponse: boolean;
      readonly requestTimeout: number | null;
      readonly sendRequest: () => void;
    }): void;
  };
  isConnected(): boolean;
  isAuthenticated(): boolean;
  authenticate(): Promise<void>;
  nextCorrelationId(): number;
}

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(
    topic: string,
  ): readonly { readonly partitionId: number; readonly leader: number }[];
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>;
  findBroker(node: { readonly nodeId: string }): Promise<Broker>;
  findGroupCoordinator(of: {
    readonly groupId: string;
    readonly coordinatorType: CoordinatorType;
  }): Promise<Broker>;
  removeBroker(address: { readonly host: string; readonly port: number }): void;
  readonly brokerPool: {
    findConnectedBroker(): Promise<Broker>;
    createBroker(options: {
      readonly connectionPool: ConnectionPool;
      readonly logger: unknown;
      readonly versions: Broker['versions'];
      readonly nodeId: number | string | null;
    }): Broker;
  };
  readonly connectionPoolBuilder: {
    build(address: {
      readonly host: string;
      readonly port: number;
      readonly rack: string | null;
    }): Promise<ConnectionPool>;
  };
  readonly rootLogger: unknown;
  fetchTopicsOffset(
    topics: readonly {
      readonly topic: string;
      readonly fromBeginning: boolean;
      readonly partitions: readonly { readonly partition: number }[];
    }[],
  ): Promise<
    readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[]
  >;
}

export const coordinatorOf = { group: 0, transaction: 1 } as const;
type CoordinatorType = (typeof coordinatorOf)[keyof typeof coordinatorOf];

type CreateCluster = (options: {
  readonly metadataMaxAge: number;
  readonly allowAutoTopicCreation: boolean;
  readonly isolationLevel: number;
}) => Cluster;

export const readUncommitted = 0;
export const readCommitted = 1;

/** Creates a connection as kafkajs does, for requests that its public clients do not offer. */
export function createCluster(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (symbol === undefined)
    throw new Error(
      'kafkajs has changed: it no longer creates clusters as version 2.2.4 does; use that version',
    );
  const create = (kafka as unknown as Record<symbol, CreateCluster>)[symbol];
  if (create === undefined)
    throw new Error(
      'kafkajs has changed: it no longer creates clusters as version 2.2.4 does; use that version',
    );
  // With "read uncommitted", the end of a partition is its high watermark.
  return create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false, isolationLevel: readUncommitted });
}

/** Opens another connection to the same node. A broker answers the requests of one connection one after the other. */
export async function createOwnBroker(cluster: Cluster, nodeId: string): Promise<Broker> {
  const { connectionPool, versions } = await cluster.findBroker({ nodeId });
  const { host, port, rack } = connectionPool;
  return cluster.brokerPool.createBroker({
    connectionPool: await cluster.connectionPoolBuilder.build({ host, port, rack }),
    logger: cluster.rootLogger,
    versions,
    nodeId,
  });
}

/** Sends a request over kafkajs' connection. Rejects with a `ProtocolError` when the answer is one. */
export async function exchange<Response>(
  connection: Connection,
  request: Request<Response>,
): Promise<Response> {
  if (connection.sasl !== null && !connection.isAuthenticated()) await connection.authenticate();
  if (!connection.isConnected()) throw new ConnectionLost();
  const { apiKey, apiName, apiVersion } = request;
  const { socket, requestQueue, clientId } = connection;
  const correlationId = connection.nextCorrelationId();
  const { payload } = await new Promise<{ readonly payload: Buffer }>((resolve, reject) => {
    requestQueue.push({
      entry: { apiKey, apiName, apiVersion, correlationId, resolve, reject },
      expectResponse: true,
      requestTimeout: null,
      sendRequest: () => {
        socket.cork();
        for (const piece of toFrame(request, correlationId, clientId)) socket.write(piece);
        socket.uncork();
      },
    });
  });
  return parseResponse(request, payload);
}

class ConnectionLost extends Error {
  override readonly name = 'KafkaJSConnectionError';

  constructor() {
    super('not connected');
  }
}

const fixed = Symbol.for('castwatch.stream.kafkajs.fixed');

interface RequestQueue {
  readonly throttledUntil: number;
  readonly pending: readonly unknown[];
  readonly inflight: ReadonlyMap<number, SentRequest>;
  readonly enforceRequestTimeout: boolean;
  requestTimeoutIntervalId: NodeJS.Timeout | undefined;
  isConnected(): boolean;
  destroy(): void;
  throttleCheckTimeoutId: NodeJS.Timeout | null | undefined;
  checkPendingRequests(): void;
}

interface SentRequest {
  readonly sentAt: number;
  readonly requestTimeout: number;
  timeoutRequest(): void;
}

/** The same value as in kafkajs. */
const pendingCheckMs = 10;
/** kafkajs checks ten times a second. That is too often for tens of connections and timeouts of seconds. */
const timeoutCheckMs = 1_000;

interface Prototype<T> {
  readonly prototype: T & { [fixed]?: boolean };
}

/** Fixes faults of kafkajs, once per process. */
export function fixKafkajs(): void {
  const queue = (require('kafkajs/src/network/requestQueue') as Prototype<QueuePrototype>).prototype;
  if (queue[fixed] === true) return;
  queue[fixed] = true;
  fixIdleTimer(queue);
  fixTimeoutCheck(queue);
  fixConnect((require('kafkajs/src/network/connection') as Prototype<ConnectPrototype>).prototype);
}

interface ConnectPrototype {
  connect: (this: object) => Promise<unknown>;
}

/**
 * When two callers ask for a connection that is not open yet, kafkajs opens a socket for each. One of the sockets is then
 * unused, stays open, and keeps the process from ending. Here, both get the same one.
 */
function fixConnect(prototype: ConnectPrototype): void {
  const { connect } = prototype;
  const underWay = new WeakMap<object, Promise<unknown>>();
  prototype.connect = function (): Promise<unknown> {
    let connecting = underWay.get(this);
    if (connecting === undefined) {
      connecting = connect.call(this).finally(() => underWay.delete(this));
      underWay.set(this, connecting);
    }
    return connecting;
  };
}

interface QueuePrototype {
  scheduleCheckPendingRequests(this: RequestQueue): void;
  scheduleRequestTimeoutCheck(this: RequestQueue): void;
}

/**
 * kafkajs sets a timer after every look at its queue, also when the queue is empty. Each connection then wakes up a
 * thousand times a second for nothing, and Node warns about the negative time. It has to look again only when requests
 * wait or the broker has asked for a pause.
 */
function fixIdleTimer(prototype: QueuePrototype): void {
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.throttleCheckTimeoutId !== null && this.throttleCheckTimeoutId !== undefined) return;
    const throttled = this.throttledUntil - Date.now();
    if (throttled <= 0 && this.pending.length === 0) return;
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttled > 0 ? throttled : pendingCheckMs,
    );
  };
}

/**
 * Checks for timeouts less often, because each connection has its own timer. It also checks as long as a request waits for
 * an answer. kafkajs stops checking when the connection ends, and requests that were under way then wait for ever.
 */
function fixTimeoutCheck(prototype: QueuePrototype): void {
  prototype.scheduleRequestTimeoutCheck = function (this: RequestQueue): void {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    this.requestTimeoutIntervalId = setInterval(() => {
      const now = Date.now();
      for (const request of this.inflight.values())
        if (now - request.sentAt > request.requestTimeout) request.timeoutRequest();
      if (!this.isConnected() && this.inflight.size === 0) this.destroy();
    }, timeoutCheckMs);
    this.requestTimeoutIntervalId.unref(); // the timer must not keep the process alive
  };
}
