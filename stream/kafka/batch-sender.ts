/** Sends batches to the leaders of their partitions, and repeats each until it is acknowledged. */
import type { Nodes } from './nodes.ts';
import type { OpenBatch, Outgoing } from './outgoing.ts';
import type { TopicPartition } from '../transport.ts';
import { isConnectionError, mayPass, persist } from './persistence.ts';
import { ProtocolError, staleMetadata } from './protocol/error-codes.ts';
import { produce, type PartitionBatch } from './protocol/produce.ts';
import type { BatchIdentity } from './protocol/record-encoder.ts';

/** How long the leader may take until all in-sync replicas have the batch, ms. */
const replicationTimeout = 10_000;
/** The broker's answer when an earlier attempt was appended but its answer was lost. */
const alreadyThere = 'DUPLICATE_SEQUENCE_NUMBER';

export interface SendOptions {
  readonly apiVersion: 11 | 12;
  readonly transactionalId: string | null;
  readonly identity: BatchIdentity;
  /** Time of `performance.now()` after which nothing is sent again. */
  readonly deadline: number;
  /** Sends to one node after the other, for nodes that would otherwise make each other wait. */
  readonly oneNodeAtATime: boolean;
  /** Called for each acknowledged batch; when it throws, sending ends. */
  readonly written?: (partition: TopicPartition, baseOffset: number, records: number) => void;
}

interface Unacknowledged {
  readonly open: OpenBatch;
  readonly sealed: PartitionBatch;
}

export class BatchSender {
  readonly #nodes: Nodes;
  readonly #outgoing: Outgoing;
  readonly #refreshMetadata: () => Promise<void>;
  /** Topics whose leaders were not where the metadata said. */
  readonly #moved = new Set<string>();

  constructor(nodes: Nodes, outgoing: Outgoing, refreshMetadata: () => Promise<void>) {
    this.#nodes = nodes;
    this.#outgoing = outgoing;
    this.#refreshMetadata = refreshMetadata;
  }

  /** Sends the batches of one partition one after the other. Rejects with the first error that a retry cannot fix. */
  async send(batches: readonly OpenBatch[], options: SendOptions): Promise<void> {
    for (const [, round] of Map.groupBy(batches, ({ round }) => round)) {
      let left = round.map((open) => ({ open, sealed: this.#outgoing.seal(open, options.identity) }));
      await persist(options.deadline, async () => {
        const failures = new Map<Unacknowledged, Error>();
        await this.#attempt(left, options, failures);
        left = [...failures.keys()];
        const errors = [...failures.values()];
        const error = errors.find((candidate) => !mayPass(candidate)) ?? errors[0];
        if (error !== undefined) throw error;
      });
    }
  }

  async #attempt(
    batches: readonly Unacknowledged[],
    options: SendOptions,
    failures: Map<Unacknowledged, Error>,
  ): Promise<void> {
    if (this.#moved.size > 0) await this.#findThemAgain();
    const byLeader = new Map<number, Unacknowledged[]>();
    for (const batch of batches) {
      const leader = await this.#outgoing.leader(batch.open);
      const { topic, partition } = batch.sealed;
      if (leader === undefined) {
        this.#moved.add(topic);
        failures.set(batch, new ProtocolError(leaderNotAvailable, `${topic}/${partition}`));
        continue;
      }
      const sameLeader = byLeader.get(leader);
      if (sameLeader === undefined) byLeader.set(leader, [batch]);
      else sameLeader.push(batch);
    }
    const sending = [...byLeader].map(
      ([leader, ofLeader]) =>
        () =>
          this.#to(leader, ofLeader, options, failures),
    );
    if (options.oneNodeAtATime) for (const send of sending) await send();
    else await Promise.all(sending.map((send) => send()));
  }

  async #to(
    leader: number,
    batches: readonly Unacknowledged[],
    { apiVersion, transactionalId, written }: SendOptions,
    failures: Map<Unacknowledged, Error>,
  ): Promise<void> {
    const sealed = batches.map((batch) => batch.sealed);
    let results;
    try {
      results = await this.#nodes.send(
        leader,
        produce(apiVersion, transactionalId, sealed, replicationTimeout),
      );
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      for (const batch of batches) this.#failed(batch, error as Error, failures);
      return;
    }
    for (const { topic, partition, errorCode, baseOffset, message } of results) {
      const batch = batches.find(({ sealed }) => sealed.partition === partition && sealed.topic === topic);
      if (batch === undefined) continue;
      const error =
        errorCode === 0 ? undefined : new ProtocolError(errorCode, `${topic}/${partition}`, message);
      if (error !== undefined && error.type !== alreadyThere) {
        this.#failed(batch, error, failures);
        continue;
      }
      written?.({ topic, partition }, baseOffset, batch.open.encoder.count);
      this.#outgoing.acknowledged(batch.open);
    }
  }

  #failed(batch: Unacknowledged, error: Error, failures: Map<Unacknowledged, Error>): void {
    failures.set(batch, error);
    if (!(error instanceof ProtocolError) || staleMetadata.has(error.type))
      this.#moved.add(batch.sealed.topic);
  }

  async #findThemAgain(): Promise<void> {
    await this.#refreshMetadata();
    for (const topic of this.#moved) this.#outgoing.forgetLeaders(topic);
    this.#moved.clear();
  }
}

const leaderNotAvailable = 5;
