/** Our part of Kafka's protocol on a real broker, beside kafkajs' own clients as a second implementation. */
import assert from 'node:assert/strict';
import kafkajs, { type IHeaders } from 'kafkajs';
import { compressions, KafkaTransport, type Compression, type Transport } from '../../stream/index.ts';
import { ClusterView } from '../../stream/kafka/cluster.ts';
import { Reader } from '../../stream/kafka/reader.ts';
import { deleteWithoutCopies } from '../../bench/chaos/rig/delete-records.ts';
import { javaConsumes, javaProduces } from '../support/java-peer.ts';
import { openKafkaClients, textRecord, type KafkaClients } from '../support/kafka-clients.ts';
import { waitFor } from '../support/wait.ts';

const { CompressionTypes, Partitioners } = kafkajs;

describe("Kafka's protocol", function () {
  this.timeout(60_000);
  let brokers: readonly string[];
  let kafka: KafkaClients['kafka'];
  let transport: KafkaClients['transport'];
  let unique: KafkaClients['unique'];
  let createTopic: KafkaClients['createTopic'];
  let read: KafkaClients['read'];
  let valuesOf: KafkaClients['valuesOf'];
  let close: KafkaClients['close'];

  before(async function () {
    this.timeout(180_000);
    ({ brokers, kafka, transport, unique, createTopic, read, valuesOf, close } = await openKafkaClients());
  });
  after(() => close());

  const topicPerCodec = async (): Promise<Map<Compression, string>> => {
    const topics = new Map<Compression, string>();
    for (const compression of compressions) topics.set(compression, await createTopic(1));
    return topics;
  };

  for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
    it(`reads what kafkajs writes, with compression ${compression}`, async () => {
      const topic = await createTopic(1);
      const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      const messages = Array.from({ length: 500 }, (_, index) => ({
        key: index % 3 === 0 ? null : `key-${index}`,
        value: index % 5 === 0 ? null : Buffer.alloc(index, index),
        timestamp: String(1_700_000_000_000 + index),
        headers: { a: `${index}`, b: Buffer.from([index & 255]) },
      }));
      await producer.send({ topic, compression, messages });
      await producer.disconnect();
      const got = await read(topic);
      assert.deepEqual(
        got.map(({ key, value, timestamp, headers }) => ({
          key: key?.toString() ?? null,
          value,
          timestamp: String(timestamp),
          headers: { a: headers?.['a']?.toString(), b: headers?.['b'] },
        })),
        messages,
      );
    });
  }

  it("reads what Java's producer writes, with every codec", async () => {
    const topics = await topicPerCodec();
    await javaProduces(brokers, topics, values);
    for (const topic of topics.values()) assert.deepEqual(await valuesOf(topic), values, topic);
  });

  it('reads what the broker compresses, with every codec', async () => {
    for (const compression of compressions) {
      const config = { 'compression.type': compression === 'none' ? 'uncompressed' : compression };
      const topic = await createTopic(1, config);
      await send(transport, topic);
      assert.deepEqual(await valuesOf(topic), values, compression);
    }
  });

  it("writes what the broker and Java's consumer read, with every codec", async () => {
    const topics = await topicPerCodec();
    for (const [compression, topic] of topics) {
      const compressing = new KafkaTransport({ brokers, clientId: unique('client'), compression });
      await send(compressing, topic);
      const transactional = await compressing.transactionalProducer(unique('id'));
      await transactional.transact([textRecord(topic, 'last')], []);
      await transactional.close();
      await compressing.close();
    }
    const expected = [...values, 'last'];
    const byJava = await javaConsumes(brokers, [...topics.values()], expected.length);
    for (const topic of topics.values()) {
      assert.deepEqual(await valuesOf(topic), expected, topic);
      assert.deepEqual(byJava.get(topic), expected, topic);
    }
  });

  it('writes what kafkajs reads, with and without transactions', async () => {
    const topic = await createTopic(3);
    const records = Array.from({ length: 300 }, (_, index) => ({
      topic,
      key: index % 7 === 0 ? null : `key-${index % 20}`,
      value: index % 11 === 0 ? null : Buffer.from(`value-${index}`),
      timestamp: 1_700_000_000_000 - index * 1_000_000,
      headers: index % 2 === 0 ? { who: 'ours', n: Buffer.from([index & 255]) } : {},
    }));
    const producer = await transport.producer();
    await producer.send(records.slice(0, 100));
    await producer.send(records.slice(100, 200));
    await producer.close();
    const transactional = await transport.transactionalProducer(unique('id'));
    await transactional.transact(records.slice(200), []);
    await transactional.close();

    const consumer = kafka.consumer({ groupId: unique('group') });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const got: {
      key: string | null;
      value: string | null;
      timestamp: number;
      headers: IHeaders | undefined;
    }[] = [];
    await consumer.run({
      eachMessage: ({ message: { key, value, timestamp, headers } }) => {
        const text = value?.toString() ?? null;
        got.push({ key: key?.toString() ?? null, value: text, timestamp: Number(timestamp), headers });
        return Promise.resolve();
      },
    });
    await waitFor(() => got.length >= records.length, 'all of it');
    await consumer.disconnect();
    const byTime = got.toSorted((a, b) => b.timestamp - a.timestamp);
    assert.deepEqual(
      byTime,
      records.map(({ key, value, timestamp, headers }) => ({
        key,
        value: value?.toString() ?? null,
        timestamp,
        headers: 'who' in headers ? { who: Buffer.from(headers.who), n: headers.n } : {},
      })),
    );
  });

  it('skips aborted transactions of kafkajs, also overlapping and interleaved ones', async () => {
    const topic = await createTopic(1);
    const producers = await Promise.all(
      [0, 1, 2].map(async () => {
        const producer = kafka.producer({
          transactionalId: unique('id'),
          idempotent: true,
          maxInFlightRequests: 1,
          createPartitioner: Partitioners.DefaultPartitioner,
        });
        await producer.connect();
        return producer;
      }),
    );
    const transactions = await Promise.all(producers.map((producer) => producer.transaction()));
    for (let round = 0; round < 3; round++)
      for (const [index, transaction] of transactions.entries())
        await transaction.send({ topic, messages: [{ value: `${index}-${round}` }] });
    await transactions[1]?.abort();
    await transactions[0]?.commit();
    await transactions[2]?.abort();
    await Promise.all(producers.map((producer) => producer.disconnect()));
    const after = await transport.producer();
    await after.send([textRecord(topic, 'after')]);
    await after.close();
    assert.deepEqual(await valuesOf(topic), ['0-0', '0-1', '0-2', 'after']);
  });

  it('says where an open transaction holds up reading, and does not wait for ever', async () => {
    const topic = await createTopic(1);
    const producer = kafka.producer({ transactionalId: unique('open'), transactionTimeout: 60_000 });
    await producer.connect();
    const transaction = await producer.transaction();
    const cluster = new ClusterView(kafka);
    try {
      await transaction.send({ topic, messages: [{ key: 'k', value: 'undecided' }] });
      const read = new Reader(cluster, 500).read({ topic, partition: 0 }, () => undefined);
      await assert.rejects(read, {
        code: 'BROKER_UNAVAILABLE',
        message: new RegExp(`a transaction has been open at offset 0 of ${topic}/0`),
      });
    } finally {
      await transaction.abort();
      await producer.disconnect();
      await cluster.close();
    }
  });

  it('fetches a batch that is larger than the fetch size', async () => {
    const topic = await createTopic(1, { 'max.message.bytes': '30000000' });
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const sizes = [10, 9_000_000, 20];
    for (const size of sizes) await producer.send({ topic, messages: [{ value: Buffer.alloc(size, 1) }] });
    await producer.disconnect();
    assert.deepEqual(
      (await read(topic)).map(({ value }) => value?.length),
      sizes,
    );
    const got: number[] = [];
    const consumption = await transport.consume({
      group: unique('group'),
      topics: [topic],
      listener: {
        assigned: (partitions) =>
          Promise.resolve(partitions.map((partition) => ({ ...partition, offset: 0 }))),
        records: (_, records) => got.push(...records.map(({ value }) => value?.length ?? 0)),
        gap: () => assert.fail('nothing was deleted'),
        lost: (error) => assert.fail(error),
      },
    });
    await waitFor(() => got.length === 3, 'all three');
    await consumption.close();
    assert.deepEqual(got, sizes);
  });

  it('tells the gap, and continues at the first remaining record, when the next records were deleted', async () => {
    const topic = await createTopic(1);
    const producer = await transport.producer();
    await producer.send(['a', 'b', 'c', 'd'].map((text) => textRecord(topic, text)));
    await producer.close();
    await deleteWithoutCopies(kafka, { topic, partition: 0 }, 2);
    const got: (string | undefined)[] = [];
    const consumption = await transport.consume({
      group: unique('group'),
      topics: [topic],
      listener: {
        assigned: (partitions) =>
          Promise.resolve(partitions.map((partition) => ({ ...partition, offset: 0 }))),
        gap: (_, from, to) => got.push(`${from} to ${to}`),
        records: (_, records) => got.push(...records.map(({ value }) => value?.toString())),
        lost: (error) => assert.fail(error),
      },
    });
    await waitFor(() => got.length >= 3, 'what is left');
    await consumption.close();
    assert.deepEqual(got, ['0 to 2', 'c', 'd']);
  });

  it('reports that the topic was created again when it ends before the next offset', async () => {
    const topic = await createTopic(1);
    let lost: Error | undefined;
    const consumption = await transport.consume({
      group: unique('group'),
      topics: [topic],
      listener: {
        assigned: (partitions) =>
          Promise.resolve(partitions.map((partition) => ({ ...partition, offset: 99 }))),
        gap: () => assert.fail('nothing was deleted'),
        records: () => assert.fail('there are none'),
        lost: (error) => {
          lost = error;
        },
      },
    });
    await waitFor(() => lost?.message.includes(`${topic}/0 ends before offset 99`), 'the reason');
    await consumption.close();
  });
});

/** Long and alike, so that every codec has something to do. */
const values = Array.from({ length: 2_000 }, (_, index) => `value ${index} `.repeat(1 + (index % 9)).trim());

async function send(transport: Transport, topic: string): Promise<void> {
  const producer = await transport.producer();
  await producer.send(values.map((value) => textRecord(topic, value)));
  await producer.close();
}
