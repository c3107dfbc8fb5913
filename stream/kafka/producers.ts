/** The two kinds of producer over kafkajs. */
import kafkajs, { type Kafka, type Transaction } from 'kafkajs';
import { StreamError } from '../errors.ts';
import { Landings } from '../landing.ts';
import type {
  GroupOffsets,
  OffsetToCommit,
  Producer,
  ProducerRecord,
  TransactionalProducer,
} from '../transport.ts';
import { inRequests } from './requests.ts';
import { toTopicMessages, transactionError, unavailable, whenCoordinatorIsReady } from './records.ts';

const acksAll = -1;
/** A transaction usually has to wait a moment for its predecessor to complete: the first retry comes soon. */
const transactionRetry = { initialRetryTime: 5, maxRetryTime: 500, retries: 12, multiplier: 2, factor: 0.1 };

/** Fences its predecessor before it resolves. */
export async function createTransactionalProducer(
  kafka: Kafka,
  transactionalId: string,
  transactionTimeout: number,
): Promise<TransactionalProducer> {
  const producer = kafka.producer({
    transactionalId,
    transactionTimeout,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    retry: transactionRetry,
  });
  const close = (): Promise<void> => producer.disconnect().catch(() => undefined);
  try {
    await producer.connect();
    // kafkajs asks for its producer id, which is what fences, with the first transaction.
    await (await producer.transaction()).abort();
  } catch (cause) {
    await close();
    throw unavailable(`transactional id ${transactionalId} cannot be taken over`, cause);
  }

  const transact = async (
    records: readonly ProducerRecord[],
    commits: readonly GroupOffsets[],
    landing: readonly OffsetToCommit[] = [],
  ): Promise<void> => {
    let transaction: Transaction | undefined;
    const landings = new Landings(transactionalId, landing);
    try {
      transaction = await producer.transaction();
      for (const request of inRequests(records)) {
        const written = await transaction.sendBatch({
          acks: acksAll,
          topicMessages: toTopicMessages(request),
        });
        for (const { topicName, partition, baseOffset } of written)
          landings.check({ topic: topicName, partition }, Number(baseOffset ?? -1), request);
      }
      for (const { group, offsets } of commits)
        if (offsets.length > 0) await sendOffsets(transaction, group, offsets);
      await transaction.commit();
    } catch (cause) {
      if (transaction?.isActive() === true) await transaction.abort().catch(() => undefined);
      throw cause instanceof StreamError ? cause : transactionError(transactionalId, cause);
    }
  };
  return { transact, close };
}

/** kafkajs retries this step of a transaction for no reason but an unready group coordinator. */
function sendOffsets(
  transaction: Transaction,
  group: string,
  offsets: readonly OffsetToCommit[],
): Promise<void> {
  const topics = byTopic(offsets);
  return whenCoordinatorIsReady(() => transaction.sendOffsets({ consumerGroupId: group, topics }));
}

function byTopic(
  offsets: readonly OffsetToCommit[],
): { topic: string; partitions: { partition: number; offset: string }[] }[] {
  const topics = new Map<string, { partition: number; offset: string }[]>();
  for (const { topic, partition, offset } of offsets) {
    const entry = { partition, offset: String(offset) };
    const partitions = topics.get(topic);
    if (partitions === undefined) topics.set(topic, [entry]);
    else partitions.push(entry);
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}

export async function createIdempotentProducer(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    // An idempotent producer may retry without doubling; it must, or a short outage would lose records.
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 20 },
  });
  try {
    await producer.connect();
  } catch (cause) {
    throw unavailable('no producer', cause);
  }
  return {
    send: async (records) => {
      try {
        for (const request of inRequests(records))
          await producer.sendBatch({ acks: acksAll, topicMessages: toTopicMessages(request) });
      } catch (cause) {
        throw unavailable(`${records.length} records were not acknowledged`, cause);
      }
    },
    close: () => producer.disconnect(),
  };
}
