/** Changes settings of topics. kafkajs can only replace all settings of a topic at once. */
import type { Kafka } from 'kafkajs';
import { createCluster, exchange } from './internals.ts';
import { alterTopicSettings } from './protocol/alter-topics.ts';

/** @param changes by topic: the new value of each setting to change */
export async function setTopicSettings(
  kafka: Kafka,
  changes: ReadonlyMap<string, Readonly<Record<string, string>>>,
): Promise<void> {
  if (changes.size === 0) return;
  const cluster = createCluster(kafka);
  try {
    await cluster.connect();
    await cluster.refreshMetadata();
    const broker = await cluster.brokerPool.findConnectedBroker();
    await exchange(await broker.connectionPool.getConnection(0), alterTopicSettings(changes));
  } finally {
    await cluster.disconnect();
  }
}
