/** Deletes the topics of a finished run, to make room. */
import kafkajs from 'kafkajs';

/** Deletes all topics with the run's prefix in their names: its own, and the changelogs that a peer made. */
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
