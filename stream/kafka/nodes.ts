/** A producer's own connections: one per node, opened at first use. */
import { StreamError } from '../errors.ts';
import type { ClusterView } from './cluster.ts';
import { exchange, type Broker } from './internals.ts';
import { ProtocolError } from './protocol/error-codes.ts';
import type { Request } from './protocol/request.ts';

export class Nodes {
  readonly #cluster: ClusterView;
  readonly #brokers = new Map<number, Promise<Broker>>();
  #closed = false;

  constructor(cluster: ClusterView) {
    this.#cluster = cluster;
  }

  /**
   * Sends requests to one node in the order of the calls; the node answers them in that order. Rejects with a
   * `ProtocolError`, which is the node's answer, or with kafkajs' error of the connection, which is then dropped.
   */
  async send<Response>(nodeId: number, request: Request<Response>): Promise<Response> {
    if (this.#closed) throw new StreamError('CLOSED', 'this producer is closed');
    const opening = this.#open(nodeId);
    try {
      const broker = await opening;
      requireVersion(broker, request);
      const connection = await broker.connectionPool.getConnection(0);
      return await exchange(connection, request);
    } catch (error) {
      if (!(error instanceof ProtocolError)) this.#drop(nodeId, opening);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const brokers = [...this.#brokers.values()];
    this.#brokers.clear();
    await Promise.all(brokers.map(disconnect));
  }

  #open(nodeId: number): Promise<Broker> {
    let broker = this.#brokers.get(nodeId);
    if (broker === undefined) {
      broker = this.#cluster.openBroker(nodeId);
      this.#brokers.set(nodeId, broker);
    }
    return broker;
  }

  #drop(nodeId: number, opening: Promise<Broker>): void {
    if (this.#brokers.get(nodeId) !== opening) return;
    this.#brokers.delete(nodeId);
    void disconnect(opening);
  }
}

const disconnect = (opening: Promise<Broker>): Promise<void> =>
  opening.then((broker) => broker.disconnect()).catch(() => undefined);

function requireVersion(broker: Broker, { apiKey, apiVersion, apiName }: Request<unknown>): void {
  const newest = broker.versions?.[apiKey]?.maxVersion ?? -1;
  if (newest >= apiVersion) return;
  throw new Error(
    `the broker offers ${apiName} up to version ${newest}, but ${apiVersion} is needed: use Kafka 4.0 or newer`,
  );
}
