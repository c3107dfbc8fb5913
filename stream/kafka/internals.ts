/**
 * The parts of kafkajs 2.2.4 that are not in its public interface and that we need: reading a partition
 * without a group, and a mend for its filter of aborted records. The library is pinned and no longer
 * changes, so what is described here holds; `test/stream/kafka/internals.test.ts` would notice if not.
 */
import { createRequire } from 'node:module';
import type { Kafka } from 'kafkajs';

const require = createRequire(import.meta.url);

export interface FetchedMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | Buffer[] | undefined>>;
  isControlRecord?: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction?: boolean };
}

export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

export interface FetchedPartition {
  readonly partition: number;
  readonly highWatermark: string;
  /** Everything before it is decided: committed or aborted. */
  readonly lastStableOffset?: string;
  abortedTransactions?: AbortedTransaction[] | null;
  readonly messages: FetchedMessage[];
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
  fetch(request: FetchRequest): Promise<FetchResponse>;
}

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(
    topic: string,
  ): readonly { readonly partitionId: number; readonly leader: number }[];
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>;
  findBroker(node: { readonly nodeId: string }): Promise<Broker>;
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

type CreateCluster = (options: {
  readonly metadataMaxAge: number;
  readonly allowAutoTopicCreation: boolean;
  readonly isolationLevel: number;
}) => Cluster;

export const readUncommitted = 0;
export const readCommitted = 1;

/** A connection of kafkajs' own kind, for requests that its public clients do not offer. */
export function createCluster(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (symbol === undefined)
    throw new Error('kafkajs has changed: it no longer creates clusters as version 2.2.4 does');
  const create = (kafka as unknown as Record<symbol, CreateCluster>)[symbol];
  if (create === undefined)
    throw new Error('kafkajs has changed: it no longer creates clusters as version 2.2.4 does');
  // With "read uncommitted", the end of a partition is its high watermark.
  return create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false, isolationLevel: readUncommitted });
}

/**
 * Marks the records of aborted transactions, which kafkajs then passes over as it passes over markers.
 *
 * Its own filter takes the broker's list as sorted by first offset, which it is not, and starts at most one
 * aborted transaction per record; when two producers' aborted transactions overlap in a partition, records of
 * one are handed out as if committed. Protocol: KIP-98, "Discarding aborted transactional messages".
 */
export function markAborted(partition: FetchedPartition): void {
  const { abortedTransactions } = partition;
  if (abortedTransactions === undefined || abortedTransactions === null || abortedTransactions.length === 0)
    return;
  const pending = abortedTransactions
    .map(({ producerId, firstOffset }) => ({ producerId, first: Number(firstOffset) }))
    .sort((a, b) => a.first - b.first);
  const aborted = new Set<string>();
  let next = 0;
  for (const message of partition.messages) {
    const offset = Number(message.offset);
    for (let entry = pending[next]; entry !== undefined && entry.first <= offset; entry = pending[++next])
      aborted.add(entry.producerId);
    const { producerId, inTransaction } = message.batchContext;
    if (message.isControlRecord === true) {
      if (isAbortMarker(message)) aborted.delete(producerId);
    } else if (inTransaction === true && aborted.has(producerId)) {
      message.isControlRecord = true;
    }
  }
  // Done here, so that the library's own filter has nothing left to do.
  partition.abortedTransactions = [];
}

/** A control record's key is its version and type; type 0 is ABORT. */
const isAbortMarker = ({ key }: FetchedMessage): boolean =>
  key !== null && key.length >= 4 && key.readInt16BE(2) === 0;

const mended = Symbol.for('castwatch.stream.kafkajs.mended');

interface RequestQueue {
  readonly throttledUntil: number;
  readonly pending: readonly unknown[];
  throttleCheckTimeoutId: NodeJS.Timeout | null | undefined;
  checkPendingRequests(): void;
}

/** As in kafkajs. */
const pendingCheckMs = 10;

interface Prototype<T> {
  readonly prototype: T & { [mended]?: boolean };
}

/** Mends what kafkajs does wrong, once per process. */
export function mendKafkajs(): void {
  const brokerClass = require('kafkajs/src/broker') as Prototype<Broker>;
  if (brokerClass.prototype[mended] === true) return;
  brokerClass.prototype[mended] = true;
  mendAbortedFilter(brokerClass.prototype);
  mendIdleTimer((require('kafkajs/src/network/requestQueue') as Prototype<QueuePrototype>).prototype);
}

/** Puts `markAborted` behind every fetch. */
function mendAbortedFilter(prototype: Broker): void {
  // Called with its own `this` below.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { fetch } = prototype;
  prototype.fetch = async function (this: Broker, request: FetchRequest): Promise<FetchResponse> {
    const response = await fetch.call(this, request);
    for (const { partitions } of response.responses)
      for (const partition of partitions) markAborted(partition);
    return response;
  };
}

interface QueuePrototype {
  scheduleCheckPendingRequests(this: RequestQueue): void;
}

/**
 * kafkajs sets a timer after every look at its queue, also when nothing waits there: each connection then wakes
 * up a thousand times a second for nothing, and Node warns of the negative time. It has to look again only when
 * requests wait or the broker has asked for a pause.
 */
function mendIdleTimer(prototype: QueuePrototype): void {
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
