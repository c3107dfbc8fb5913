/** A producer without transactions: a record that is sent again after a lost answer is not there twice. */
import type { Producer, ProducerRecord } from '../transport.ts';
import { BatchSender } from './batch-sender.ts';
import type { ClusterView } from './cluster.ts';
import { exchange } from './internals.ts';
import { Nodes } from './nodes.ts';
import { Outgoing } from './outgoing.ts';
import { initProducerId, type ProducerIdentity } from './protocol/transactions.ts';
import { unavailable } from './failures.ts';

/** ms for which sending is tried: a short outage of the broker must not lose records. */
const patience = 30_000;

export async function createIdempotentProducer(cluster: ClusterView): Promise<Producer> {
  await cluster.request('no producer', (connected) => connected.refreshMetadataIfNecessary());
  return new IdempotentProducer(cluster);
}

class IdempotentProducer implements Producer {
  readonly #cluster: ClusterView;
  readonly #nodes: Nodes;
  readonly #outgoing: Outgoing;
  readonly #sender: BatchSender;
  #identity: ProducerIdentity | undefined;
  /** One call after the other: sequence numbers are in the order of the calls. */
  #turn: Promise<void> = Promise.resolve();

  constructor(cluster: ClusterView) {
    this.#cluster = cluster;
    this.#nodes = new Nodes(cluster);
    this.#outgoing = new Outgoing((topic) => cluster.leaders(topic));
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
      const batches = await this.#outgoing.batches(records);
      this.#identity ??= await this.#introduce();
      await this.#sender.send(batches, {
        apiVersion: 11,
        transactionalId: null,
        identity: { ...this.#identity, transactional: false },
        deadline,
        oneNodeAtATime: false,
      });
    } catch (cause) {
      // Nobody knows which of these batches are there, so that the numbers after them would not fit.
      this.#identity = undefined;
      this.#outgoing.restartSequences();
      throw unavailable(`${records.length} records were not acknowledged`, cause);
    }
  }

  /** Any node gives out producer ids. */
  #introduce(): Promise<ProducerIdentity> {
    return this.#cluster.request('a producer id', async ({ brokerPool }) => {
      const broker = await brokerPool.findConnectedBroker();
      return exchange(await broker.connectionPool.getConnection(0), initProducerId(null, patience));
    });
  }
}
