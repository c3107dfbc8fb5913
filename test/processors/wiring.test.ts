import assert from 'node:assert/strict';
import { featureSetVersion } from '../../processes/plant.ts';
import { championAlone } from '../../processors/predict/predictor.ts';
import { runOffline, type OfflineRecord } from '../../processors/offline.ts';
import {
  alertProcessor,
  featuresProcessor,
  predictProcessor,
  validateProcessor,
} from '../../processors/wiring.ts';
import { topicIds, topicNames, type AvroTopicId } from '../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../schemas/serde.ts';
import { MemoryBroker, MemoryTransport, startStreamApp, type StreamApp } from '../../stream/index.ts';
import { seed } from '../support/seed.ts';
import { waitFor } from '../support/wait.ts';
import { plainPredictor } from './predict/plain-predictor.ts';
import { small } from './support.ts';
import { untidyRecords } from './untidy.ts';

const partitions = 3;
const topics = topicNames();
const serde = serdeWithoutRegistry();
const predictor = plainPredictor(featureSetVersion(small));
const wires = { definition: small, serde, topics };
const outputs = ['validatedReadings', 'rejectedReadings', 'features', 'predictions', 'alerts'] as const;
type OutputTopic = (typeof outputs)[number];

function startAll(transport: MemoryTransport): readonly StreamApp[] {
  const options = {
    transport,
    application: 'test',
    deadLetterTopic: topics.deadLetters,
    maxBatchRecords: 17,
  };
  return [
    startStreamApp(validateProcessor(wires), options),
    startStreamApp(featuresProcessor(wires), options),
    startStreamApp(
      predictProcessor(wires, () => championAlone(predictor)),
      options,
    ),
    startStreamApp(alertProcessor(wires), options),
  ];
}

/** What a topic holds, by key, decoded; where rejections lie in their input is checked with the rest. */
async function read(
  transport: MemoryTransport,
  topic: AvroTopicId,
): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const byKey = new Map<string, unknown[]>();
  for (let partition = 0; partition < partitions; partition++)
    await transport.read({ topic: topics[topic], partition }, (records) => {
      for (const { key, value } of records) {
        if (key === null || value === null) continue;
        const list = byKey.get(key.toString()) ?? [];
        list.push(plain(serde.codec(topic).decode(value)));
        byKey.set(key.toString(), list);
      }
    });
  return byKey;
}

/** Plain objects, for comparison: decoded Avro records have classes of their own. */
const plain = (value: unknown): unknown => structuredClone(value);

async function expected(
  records: readonly OfflineRecord[],
): Promise<ReadonlyMap<OutputTopic, ReadonlyMap<string, readonly unknown[]>>> {
  const byTopic = new Map(outputs.map((topic) => [topic, new Map<string, unknown[]>()]));
  const into = (topic: OutputTopic) => (value: { readonly asset: string }) => {
    const byKey = byTopic.get(topic);
    byKey?.set(value.asset, [...(byKey.get(value.asset) ?? []), plain(value)]);
  };
  await runOffline({
    definition: small,
    predictor,
    records: [records],
    sinks: {
      validated: into('validatedReadings'),
      rejected: into('rejectedReadings'),
      features: into('features'),
      predictions: into('predictions'),
      alerts: into('alerts'),
    },
  });
  return byTopic;
}

/** Publishes, and gives the readings back with the places they got. */
async function publish(transport: MemoryTransport, records: readonly OfflineRecord[]): Promise<void> {
  const producer = await transport.producer();
  for (const { topic, value, timestamp } of records) {
    if (value === null) continue;
    const bytes = serde.codec(topic).encode(value);
    await producer.send([{ topic: topics[topic], key: value.asset, value: bytes, timestamp }]);
  }
  await producer.close();
}

async function placed(
  transport: MemoryTransport,
  records: readonly OfflineRecord[],
): Promise<OfflineRecord[]> {
  const readings: OfflineRecord[] = [];
  for (let partition = 0; partition < partitions; partition++)
    await transport.read({ topic: topics.sensorReadings, partition }, (batch) => {
      for (const { value, timestamp, offset } of batch)
        if (value)
          readings.push({
            topic: 'sensorReadings',
            value: serde.codec('sensorReadings').decode(value),
            timestamp,
            partition,
            offset,
          });
    });
  return [...records.filter(({ topic }) => topic === 'mesEvents'), ...readings];
}

describe('wiring: the four processors on a broker in memory, with Avro', () => {
  it('write what the oracle computes, record for record, through a restart of all of them', async function () {
    this.timeout(20_000);
    const broker = new MemoryBroker();
    for (const id of topicIds) broker.createTopic(topics[id], partitions);
    const transport = new MemoryTransport(broker);
    const records = untidyRecords(seed, 600);
    const half = Math.floor(records.length / 2);

    const first = startAll(transport);
    await publish(transport, records.slice(0, half));
    await Promise.all(first.map((app) => app.stop()));
    const second = startAll(transport);
    await publish(transport, records.slice(half));

    const oracle = await expected(await placed(transport, records));
    const wanted = [...(oracle.get('predictions')?.values() ?? [])].reduce(
      (sum, list) => sum + list.length,
      0,
    );
    await waitFor(async () => {
      const lists = [...(await read(transport, 'predictions')).values()];
      return lists.reduce((sum, list) => sum + list.length, 0) >= wanted;
    }, 'all predictions');
    const alerts = [...(oracle.get('alerts')?.values() ?? [])].flat().length;
    await waitFor(
      async () => [...(await read(transport, 'alerts')).values()].flat().length >= alerts,
      'all alerts',
    );
    await Promise.all(second.map((app) => app.stop()));

    for (const topic of outputs) {
      const [actual, wantedByKey] = [await read(transport, topic), oracle.get(topic)];
      assert.ok((wantedByKey?.size ?? 0) > 0, `the oracle has nothing for ${topic}`);
      assert.deepEqual([...actual.keys()].sort(), [...(wantedByKey?.keys() ?? [])].sort());
      for (const [key, list] of actual)
        assert.deepEqual(
          sorted(topic, list),
          sorted(topic, wantedByKey?.get(key) ?? []),
          `${topic} of ${key}`,
        );
    }
    assert.equal((await transport.endOffsets(topics.deadLetters)).get(0), 0);
  });
});

/** Two steps write rejections, so only there the order between the two is open. */
const sorted = (topic: OutputTopic, list: readonly unknown[]): readonly unknown[] =>
  topic === 'rejectedReadings'
    ? list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    : list;
