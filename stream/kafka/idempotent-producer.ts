/** A producer without transactions. A record that it sends again after a lost answer is stored only once. */
import type { Producer, ProducerRecord } from '../transport.ts';
import { BatchSender } from './batch-sender.ts';
import type { ClusterView } from './cluster.ts';
import { exchange } from './internals.ts';
import { Nodes } from './nodes.ts';
import { Outgoing } from './outgoing.ts';
import { persist } from './persistence.ts';
import type { Compression } from './protocol/compression.ts';
import { initProducerId, type ProducerIdentity } from './protocol/transactions.ts';
import { sendError } from './failures.ts';

/** How long it tries to send, ms: a short outage of the broker must not lose records. */
const patience = 30_000;

export async function createIdempotentProducer(
  cluster: ClusterView,
  compression: Compression = 'none',
): Promise<Producer> {
  await cluster.request('no producer', (connected) => connected.refreshMetadataIfNecessary());
  return new IdempotentProducer(cluster, compression);
}

class IdempotentProducer implements Producer {
  readonly #cluster: ClusterView;
  readonly #nodes: Nodes;
  readonly #outgoing: Outgoing;
  readonly #sender: BatchSender;
  #identity: ProducerIdentity | undefined;
  /** Sends one call after the other, so that sequence numbers follow the order of the calls. */
  #turn: Promise<void> = Promise.resolve();

  constructor(cluster: ClusterView, compression: Compression) {
    this.#cluster = cluster;
    this.#nodes = new Nodes(cluster);
    this.#outgoing = new Outgoing((topic) => cluster.leaders(topic), compression);
    this.#sender = new BatchSender(this.#nodes, this.#outgoing, () => cluster.refresh());
  }

  send(records: readonly ProducerRecord[]): Promise<void> {
    const sent = this.#turn.then(() => this.#send(records));
    this.#turn = sent.catch(() => undefined);
    return sent;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#nodes.close();
  }

  async #send(records: readonly ProducerRecord[]): Promise<void> {
    if (records.length === 0) return;
    const deadline = performance.now() + patience;
    try {
      // Both ask the broker, which may be away as well as when it is sent the batches.
      const batches = await persist(deadline, () => this.#outgoing.batches(records));
      this.#identity ??= await persist(deadline, () => this.#introduce());
      await this.#sender.send(batches, {
        apiVersion: 11,
        transactionalId: null,
        identity: { ...this.#identity, transactional: false },
        deadline,
        oneNodeAtATime: false,
      });
    } catch (cause) {
      // The broker may or may not have these batches, so the next sequence numbers could be wrong: take a new producer id.
      this.#identity = undefined;
      this.#outgoing.restartSequences();
      throw sendError(records.length, cause);
    }
  }

  /** Requests a producer id; any node can answer. */
  #introduce(): Promise<ProducerIdentity> {
    return this.#cluster.request('cannot get a producer id', async ({ brokerPool }) => {
      const broker = await brokerPool.findConnectedBroker();
      return exchange(await broker.connectionPool.getConnection(0), initProducerId(null, patience));
    });
  }
}
