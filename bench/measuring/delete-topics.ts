/** Making room: the topics of a run that is over. */
import kafkajs from 'kafkajs';

/** All that have the run's prefix in their names: its own, and the changelogs that a peer has made. */
export async function deleteTopics(brokers: readonly string[], prefix: string): Promise<void> {
  const kafka = new kafkajs.Kafka({
    clientId: 'bench-admin',
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const topics = (await admin.listTopics()).filter((name) => name.includes(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
}
