/**
 * A transactional producer over kafkajs' connections, with as few round trips as the broker allows.
 *
 * With the newer protocol (KIP-890, `transaction.version` 2), it writes records and offsets, which adds them to the
 * transaction. Then it ends the transaction; the answer contains the next epoch. With the older protocol, it first adds
 * the partitions and the group.
 */

import {
  partitionKey,
  type GroupOffsets,
  type OffsetToCommit,
  type ProducerRecord,
  type TransactionalProducer,
} from '../transport.ts';
import { Landings } from '../landing.ts';
import { BatchSender } from './batch-sender.ts';
import type { ClusterView } from './cluster.ts';
import { Nodes } from './nodes.ts';
import { Outgoing, type OpenBatch } from './outgoing.ts';
import { isConnectionError, mayPass, persist } from './persistence.ts';
import { ProtocolError, staleCoordinator } from './protocol/error-codes.ts';
import type { Request } from './protocol/request.ts';
import type { Compression } from './protocol/compression.ts';
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  brokerSupport,
  endTxn,
  initProducerId,
  txnOffsetCommit,
  type ProducerIdentity,
} from './protocol/transactions.ts';
import { epochPerTransaction, transactionFeature, weakFencing } from './fencing.ts';
import { transactionError, unavailable } from './failures.ts';

export interface TransactionalProducerOptions {
  readonly transactionalId: string;
  /** ms after which the broker ends a transaction that its producer left open */
  readonly transactionTimeout: number;
  /** Default: none. */
  readonly compression?: Compression;
  /** The level of the protocol; by default, the level that the cluster has agreed on. */
  readonly transactionVersion?: number | undefined;
  /** Called when the cluster does not keep late requests out of the next transaction; see `fencing.ts`. */
  readonly onWeakFencing?: (why: string) => void;
}

/** Creates the producer and fences the previous one before it resolves. */
export async function createTransactionalProducer(
  cluster: ClusterView,
  options: TransactionalProducerOptions,
): Promise<TransactionalProducer> {
  const { transactionalId, transactionVersion } = options;
  const producer = new KafkaTransactionalProducer(cluster, options);
  try {
    await producer.takeOver(transactionVersion);
  } catch (cause) {
    await producer.close();
    throw unavailable(`transactional id ${transactionalId} cannot be taken over`, cause);
  }
  return producer;
}

class KafkaTransactionalProducer implements TransactionalProducer {
  readonly #cluster: ClusterView;
  readonly #transactionalId: string;
  readonly #timeout: number;
  readonly #onWeakFencing: TransactionalProducerOptions['onWeakFencing'];
  readonly #nodes: Nodes;
  readonly #outgoing: Outgoing;
  readonly #sender: BatchSender;
  readonly #coordinators = new Map<string, Promise<number>>();
  #identity: ProducerIdentity = { producerId: -1, producerEpoch: -1 };
  #addsImplicitly = false;

  constructor(cluster: ClusterView, options: TransactionalProducerOptions) {
    const { transactionalId, transactionTimeout, compression = 'none' } = options;
    this.#cluster = cluster;
    this.#transactionalId = transactionalId;
    this.#timeout = transactionTimeout;
    this.#onWeakFencing = options.onWeakFencing;
    this.#nodes = new Nodes(cluster);
    this.#outgoing = new Outgoing((topic) => cluster.leaders(topic), compression);
    this.#sender = new BatchSender(this.#nodes, this.#outgoing, () => cluster.refresh());
  }

  async takeOver(transactionVersion?: number): Promise<void> {
    const support = await this.#ask('transaction', this.#transactionalId, brokerSupport);
    const weakness = weakFencing(support);
    if (weakness !== undefined) this.#onWeakFencing?.(weakness);
    const version = transactionVersion ?? support.levels.get(transactionFeature) ?? 0;
    this.#addsImplicitly = version >= epochPerTransaction;
    this.#identity = await this.#ask('transaction', this.#transactionalId, () =>
      initProducerId(this.#transactionalId, this.#timeout),
    );
  }

  async transact(
    records: readonly ProducerRecord[],
    commits: readonly GroupOffsets[],
    landing: readonly OffsetToCommit[] = [],
  ): Promise<void> {
    const offsets = commits.filter((commit) => commit.offsets.length > 0);
    if (records.length === 0 && offsets.length === 0) return;
    let open = false;
    try {
      const batches = await this.#batches(records);
      open = true;
      await this.#write(batches, offsets, new Landings(this.#transactionalId, landing));
      open = false; // from here on, only the coordinator knows the result
      await this.#end(true);
    } catch (cause) {
      const error = transactionError(this.#transactionalId, cause);
      if (open && error.code !== 'FENCED') await this.#end(false).catch(() => undefined);
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#nodes.close();
  }

  /** Asks the broker for the partitions of new topics, and again when it is away for a moment. */
  #batches(records: readonly ProducerRecord[]): Promise<readonly OpenBatch[]> {
    return persist(performance.now() + this.#timeout / 2, () => this.#outgoing.batches(records));
  }

  async #write(
    batches: readonly OpenBatch[],
    commits: readonly GroupOffsets[],
    landings: Landings,
  ): Promise<void> {
    const writeRecords = (): Promise<void> =>
      this.#sender.send(batches, {
        apiVersion: this.#addsImplicitly ? 12 : 11,
        transactionalId: this.#transactionalId,
        identity: { ...this.#identity, transactional: true },
        deadline: performance.now() + this.#timeout / 2,
        oneNodeAtATime: this.#addsImplicitly,
        written: (partition, baseOffset, records) => {
          landings.check(partition, baseOffset, records);
        },
      });
    const writeOffsets = commits.map(
      ({ group, offsets }) =>
        () =>
          this.#ask('group', group, () =>
            txnOffsetCommit(
              this.#addsImplicitly ? 5 : 3,
              this.#transactionalId,
              this.#identity,
              group,
              offsets,
            ),
          ),
    );
    const writes = [writeRecords, ...writeOffsets];
    if (!this.#addsImplicitly) await this.#add(batches, commits);
    else if (!(await this.#goToOneNode(batches, commits))) {
      // One after the other: nodes that join one transaction at the same time make each other wait, 20 ms each.
      for (const write of writes) await write();
      return;
    }
    await all(writes);
  }

  /** Returns whether all requests go to one node. It answers them in order on one connection, so none has to wait. */
  async #goToOneNode(batches: readonly OpenBatch[], commits: readonly GroupOffsets[]): Promise<boolean> {
    const nodes = new Set<number | undefined>();
    try {
      for (const { group } of commits) nodes.add(await this.#coordinator('group', group));
      for (const batch of batches) nodes.add(await this.#outgoing.leader(batch));
    } catch {
      return false; // the real request will wait longer
    }
    return nodes.size === 1;
  }

  /** Sends requests one after the other on the coordinator's connection, without waiting in between. */
  #add(batches: readonly OpenBatch[], commits: readonly GroupOffsets[]): Promise<void> {
    const partitions = [...new Map(batches.map(({ target }) => [partitionKey(target), target])).values()];
    const adding = commits.map(
      ({ group }) =>
        () =>
          addOffsetsToTxn(this.#transactionalId, this.#identity, group),
    );
    if (partitions.length > 0)
      adding.unshift(() => addPartitionsToTxn(this.#transactionalId, this.#identity, partitions));
    return all(adding.map((request) => () => this.#ask('transaction', this.#transactionalId, request)));
  }

  /** When the connection breaks, it is unknown whether the transaction has ended, and the request is not repeated. */
  async #end(commit: boolean): Promise<void> {
    const isAnswer = (error: unknown): boolean => error instanceof ProtocolError && mayPass(error);
    const next = await this.#ask(
      'transaction',
      this.#transactionalId,
      () => endTxn(this.#addsImplicitly ? 5 : 3, this.#transactionalId, this.#identity, commit),
      isAnswer,
    );
    const { producerId, producerEpoch } = this.#identity;
    if (next.producerId !== producerId || next.producerEpoch !== producerEpoch)
      this.#outgoing.restartSequences();
    this.#identity = next;
  }

  /** Asks the coordinator; looks it up again when it has moved. */
  #ask<T>(
    kind: 'group' | 'transaction',
    name: string,
    request: () => Request<T>,
    isPassing: (error: unknown) => boolean = mayPass,
  ): Promise<T> {
    return persist(
      performance.now() + this.#timeout / 2,
      async () => this.#nodes.send(await this.#coordinator(kind, name), request()),
      (error) => {
        if (isConnectionError(error) || (error instanceof ProtocolError && staleCoordinator.has(error.type)))
          this.#coordinators.delete(`${kind} ${name}`);
      },
      isPassing,
    );
  }

  #coordinator(kind: 'group' | 'transaction', name: string): Promise<number> {
    const key = `${kind} ${name}`;
    let coordinator = this.#coordinators.get(key);
    if (coordinator === undefined) {
      coordinator = this.#cluster.coordinator(kind, name);
      this.#coordinators.set(key, coordinator);
      coordinator.catch(() => this.#coordinators.delete(key));
    }
    return coordinator;
  }
}

/** Runs all actions at once and waits for all, even if one fails: an abort must not overtake a request under way. */
async function all(actions: readonly (() => Promise<void>)[]): Promise<void> {
  const results = await Promise.allSettled(actions.map((act) => act()));
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
