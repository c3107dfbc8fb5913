/**
 * The upper limit of the client: kafkajs alone copies records in transactions, as its documentation shows. Like the runtime,
 * it has one producer and transactional id per partition, and the same limits for batches. It decodes nothing and has no state.
 */
import kafkajs, { type Message, type Producer } from 'kafkajs';
import type { ScriptOptions } from './script.ts';

const { brokers, group, input, output } = JSON.parse(process.argv[2] ?? '{}') as ScriptOptions;
/** The limits of the runtime: records in a transaction, and bytes in a request. */
const maxRecords = 2_000;
const maxBytes = 900 * 1024;

const kafka = new kafkajs.Kafka({
  clientId: group,
  brokers: [...brokers],
  logLevel: kafkajs.logLevel.NOTHING,
});
const consumer = kafka.consumer({
  groupId: group,
  maxWaitTimeInMs: 100,
  maxBytesPerPartition: 4 * 1024 * 1024,
  readUncommitted: false,
});
const producers = new Map<number, Promise<Producer>>();

async function open(partition: number): Promise<Producer> {
  const producer = kafka.producer({
    transactionalId: `${group}-${partition}`,
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    retry: { initialRetryTime: 5, maxRetryTime: 500, retries: 12, multiplier: 2, factor: 0.1 },
  });
  await producer.connect();
  return producer;
}

function* requests(messages: readonly Message[]): Generator<Message[]> {
  let batch: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = (message.value?.length ?? 0) + 300;
    if (batch.length > 0 && bytes + size > maxBytes) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

await consumer.connect();
await consumer.subscribe({ topics: [input], fromBeginning: true });
consumer.on(consumer.events.GROUP_JOIN, () => process.send?.('ready'));
await consumer.run({
  autoCommit: false,
  partitionsConsumedConcurrently: 4,
  eachBatchAutoResolve: false,
  async eachBatch(payload) {
    const { partition, messages } = payload.batch;
    let opening = producers.get(partition);
    if (opening === undefined) producers.set(partition, (opening = open(partition)));
    const producer = await opening;
    for (let from = 0; from < messages.length; from += maxRecords) {
      const part = messages.slice(from, from + maxRecords);
      const next = Number(part.at(-1)?.offset ?? NaN) + 1;
      const transaction = await producer.transaction();
      const copies = part.map(({ key, value, timestamp, headers }): Message => {
        const copy: Message = { key, value, partition, timestamp };
        if (headers !== undefined) copy.headers = headers;
        return copy;
      });
      for (const request of requests(copies))
        await transaction.sendBatch({ acks: -1, topicMessages: [{ topic: output, messages: request }] });
      await transaction.sendOffsets({
        consumerGroupId: group,
        topics: [{ topic: input, partitions: [{ partition, offset: String(next) }] }],
      });
      await transaction.commit();
      payload.resolveOffset(String(next - 1));
    }
  },
});
process.once('SIGTERM', () => process.exit());
