/** Asks a broker about topics. */
import type { TopicFacts } from '../transport.ts';
import { exchange, type Cluster } from './internals.ts';
import { describeTopics } from './protocol/metadata.ts';

export async function askAboutTopics(
  cluster: Cluster,
  topics: readonly string[],
): Promise<ReadonlyMap<string, TopicFacts>> {
  const broker = await cluster.brokerPool.findConnectedBroker();
  const connection = await broker.connectionPool.getConnection(0);
  return exchange(connection, describeTopics(topics));
}
