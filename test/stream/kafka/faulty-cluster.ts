/** A real cluster whose connections do to requests what the test says. */
import kafkajs from 'kafkajs';
import { ClusterView } from '../../../stream/kafka/cluster.ts';
import type { Broker, Connection } from '../../../stream/kafka/internals.ts';

/** What becomes of a request: sent; sent, and the connection cut before its answer; not sent; answered thus instead. */
export type Fate = 'sent' | 'answer lost' | 'connection cut' | Buffer;

export class FaultyCluster extends ClusterView {
  /** By the request's name; once per request, in order. */
  fate: (apiName: string) => Fate = () => 'sent';
  readonly asked: string[] = [];

  override async openBroker(nodeId: number): Promise<Broker> {
    const broker = await super.openBroker(nodeId);
    this.#tamper(await broker.connectionPool.getConnection(0));
    return broker;
  }

  #tamper({ requestQueue, socket }: Connection): void {
    const push = requestQueue.push.bind(requestQueue);
    requestQueue.push = (request) => {
      const { apiName, resolve, reject } = request.entry;
      this.asked.push(apiName);
      const fate = this.fate(apiName);
      if (fate instanceof Buffer) {
        resolve({ payload: fate });
      } else if (fate === 'connection cut') {
        push({ ...request, sendRequest: () => socket.destroy(new Error('cut by the test')) });
      } else if (fate === 'answer lost') {
        const lose = (): void => {
          socket.destroy(new Error('cut by the test'));
          reject(new kafkajs.KafkaJSConnectionError('cut by the test'));
        };
        push({ ...request, entry: { ...request.entry, resolve: lose } });
      } else {
        push(request);
      }
    };
  }
}
