/** The load generator: a separate process that sends a dataset's records at their scheduled times, whether or not they are processed in time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../base/text.ts';
import { fixedHeaders } from '../../schemas/headers.ts';
import { topicNames, type TopicNames } from '../../schemas/catalogue.ts';
import { KafkaTransport, type Producer, type ProducerRecord } from '../../stream/index.ts';
import { readEncodedDataset, type DatasetRecord } from '../measuring/encoded-dataset.ts';
import { Distribution } from '../reporting/distribution.ts';
import type { FromLoader, LoaderOptions, Paced, ToLoader } from './protocol.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as LoaderOptions;
const transport = new KafkaTransport({
  brokers: options.brokers,
  clientId: 'bench-load',
  transactionTimeout: 60_000,
});
const dataset = readEncodedDataset(options.dataset);
const headers = {
  sensorReadings: fixedHeaders('sensorReadings', '/castwatch/bench'),
  mesEvents: fixedHeaders('mesEvents', '/castwatch/bench'),
};
/** Records that become due during a request are sent together in the next one; this is the largest number. */
const requestRecords = 2_000;

const tell = (message: FromLoader): void => void process.send?.(message);

function message(record: DatasetRecord, names: TopicNames, timestamp: number, published: string) {
  return {
    topic: names[record.topic],
    key: record.key,
    value: record.value,
    timestamp,
    headers: { ...headers[record.topic], ce_id: record.id, ce_time: published },
  };
}

async function fill(prefix: string, from: number, to: number): Promise<number> {
  const names = topicNames(prefix);
  const producer = await transport.transactionalProducer(`${prefix}bench-load`);
  const published = new Date().toISOString();
  const all = dataset.slice(from, to).map((record) => message(record, names, record.timestamp, published));
  await producer.transact(all, []);
  const at = Date.now();
  await producer.close();
  return at;
}

async function pace(prefix: string, from: number, to: number, rate: number): Promise<Paced> {
  const names = topicNames(prefix);
  const producer = await transport.producer();
  const delays = new Distribution();
  const acknowledged = new Distribution();
  const first = Math.ceil(performance.timeOrigin + performance.now()) + 50;
  const dueAt = (index: number): number => Math.floor(first + ((index - from) * 1_000) / rate);
  for (let next = from; next < to;) {
    const now = performance.timeOrigin + performance.now();
    const wait = dueAt(next) - now;
    if (wait > 0) {
      await sleep(wait);
      continue;
    }
    const published = new Date(now).toISOString();
    const batch: ProducerRecord[] = [];
    const began = dueAt(next);
    for (; next < to && batch.length < requestRecords && dueAt(next) <= now; next++) {
      const record = dataset[next];
      if (record === undefined) break;
      delays.add(now - dueAt(next));
      batch.push(message(record, names, dueAt(next), published));
    }
    await send(producer, batch);
    acknowledged.add(performance.timeOrigin + performance.now() - began);
  }
  await producer.close();
  const paced = { delayP50: delays.percentile(0.5), delayP99: delays.percentile(0.99) };
  return { first, last: dueAt(to - 1), ...paced, acknowledgedP99: acknowledged.percentile(0.99) };
}

/** Waits until MES events are acknowledged before it sends the readings that follow them. */
async function send(producer: Producer, batch: readonly ProducerRecord[]): Promise<void> {
  const events = batch.filter(({ topic }) => topic.endsWith(topicNames().mesEvents));
  if (events.length > 0) await producer.send(events);
  if (events.length < batch.length)
    await producer.send(events.length === 0 ? batch : batch.filter((record) => !events.includes(record)));
}

async function obey(order: ToLoader): Promise<void> {
  if (order.kind === 'fill') tell({ kind: 'filled', at: await fill(order.prefix, order.from, order.to) });
  else tell({ kind: 'paced', ...(await pace(order.prefix, order.from, order.to, order.rate)) });
}

process.on('message', (order: ToLoader) => {
  obey(order).catch((error: unknown) => {
    tell({ kind: 'failed', message: messageOf(error) });
  });
});
process.once('disconnect', () => process.exit(0));
tell({ kind: 'loaded', records: dataset.length });
