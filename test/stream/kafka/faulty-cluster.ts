/** A real cluster whose connections fail requests as the test specifies. */
import kafkajs, { type Kafka } from 'kafkajs';
import { ClusterView } from '../../../stream/kafka/cluster.ts';
import type { Broker, Connection } from '../../../stream/kafka/internals.ts';

/** What happens to a request: it is sent; it is sent and the connection is cut before the answer; it is not sent; or it gets this answer instead. */
export type Fate = 'sent' | 'answer lost' | 'connection cut' | Buffer;

/** Another name of the only node. */
const otherNode = 1_000;

export class FaultyCluster extends ClusterView {
  /** Groups seem to have a coordinator that leads no partition. */
  readonly #groupsElsewhere: boolean;
  /** By the request's name; once per request, in order. */
  fate: (apiName: string) => Fate = () => 'sent';
  /** Called once per request that was sent, when its answer has come. */
  answered: () => void = () => undefined;
  readonly asked: string[] = [];

  constructor(kafka: Kafka, groupsElsewhere = false) {
    super(kafka);
    this.#groupsElsewhere = groupsElsewhere;
  }

  override async coordinator(of: 'group' | 'transaction', name: string): Promise<number> {
    const node = await super.coordinator(of, name);
    return of === 'group' && this.#groupsElsewhere ? node + otherNode : node;
  }

  override async openBroker(nodeId: number): Promise<Broker> {
    const broker = await super.openBroker(nodeId % otherNode);
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
        const answered = (answer: Parameters<typeof resolve>[0]): void => {
          this.answered();
          resolve(answer);
        };
        push({ ...request, entry: { ...request.entry, resolve: answered } });
      }
    };
  }
}
