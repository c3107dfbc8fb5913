import assert from 'node:assert/strict';
import { featureSetVersion } from '../../processes/plant.ts';
import type { Models } from '../../processors/predict/predictor.ts';
import { runOffline, type OfflineRecord } from '../../processors/offline.ts';
import { outputTopics, stepNames, type FlowTopic, type OutputTopic } from '../../processors/topology.ts';
import { chained, processorFor } from '../../processors/wiring.ts';
import { topicIds, topicNames, type AvroTopicId } from '../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../schemas/registry/serde.ts';
import {
  MemoryBroker,
  MemoryTransport,
  stage,
  startStreamChain,
  type StreamApp,
} from '../../stream/index.ts';
import { seed } from '../support/seed.ts';
import { waitFor } from '../support/wait.ts';
import { plainPredictor, plainReferenceOf } from './predict/plain-predictor.ts';
import { untidyRecords, withLabels } from './untidy.ts';
import { watched as definition } from './watched.ts';

const partitions = 3;
const topics = topicNames();
const serde = serdeWithoutRegistry();
const predictor = plainPredictor(featureSetVersion(definition));
/** With a shadow, so that every output has records. */
const answering: Models = {
  champion: { predictor, entry: 1 },
  beside: [{ predictor, entry: 2, role: 'SHADOW' }],
};
const models = { current: () => answering, referenceOf: plainReferenceOf };
const wires = { definition, serde, topics, models };

type Form = 'chained' | 'apart';

function startAll(transport: MemoryTransport, form: Form): readonly StreamApp[] {
  const options = {
    transport,
    application: 'test',
    deadLetterTopic: topics.deadLetters,
    maxBatchRecords: 17,
  };
  const apps = form === 'chained' ? chained(stepNames) : stepNames.map((step) => [step]);
  return apps.map((steps) =>
    startStreamChain(
      steps.map((step) => stage(processorFor(step, wires))),
      options,
    ),
  );
}

/** The decoded records of a topic, by key. The input positions of rejections are compared, too. */
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

/** Plain objects, for comparison, because decoded Avro records have other classes. */
const plain = (value: unknown): unknown => structuredClone(value);

async function expected(
  records: readonly OfflineRecord[],
): Promise<ReadonlyMap<FlowTopic, ReadonlyMap<string, readonly unknown[]>>> {
  const byTopic = new Map<FlowTopic, Map<string, unknown[]>>(
    outputTopics.map((topic) => [topic, new Map<string, unknown[]>()]),
  );
  await runOffline({
    definition,
    predictor: () => answering,
    referenceOf: plainReferenceOf,
    records: [records],
    sinks: {
      record(topic, value) {
        const byKey = byTopic.get(topic);
        byKey?.set(value.asset, [...(byKey.get(value.asset) ?? []), plain(value)]);
      },
    },
  });
  return byTopic;
}

/** Publishes readings. @returns the readings with their partitions and offsets */
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
  return [...records.filter(({ topic }) => topic !== 'sensorReadings'), ...readings];
}

describe('wiring: all processors on a broker in memory, with Avro', () => {
  const forms = [
    ['apart', 'apart'],
    ['chained', 'chained'],
    ['apart', 'chained'],
    ['chained', 'apart'],
  ] as const;
  for (const [before, after] of forms)
    it(`write what the oracle computes, record for record, ${before}, then restarted ${after}`, function () {
      this.timeout(20_000);
      return throughRestart(before, after);
    });

  it('are chained with their neighbours when one process runs both', () => {
    assert.deepEqual(chained(['features', 'validate', 'alert']), [['validate', 'features'], ['alert']]);
    assert.deepEqual(chained(['features', 'predict']), [['features'], ['predict']]);
    assert.deepEqual(chained(stepNames).flat().sort(), [...stepNames].sort());
  });

  async function throughRestart(before: Form, after: Form): Promise<void> {
    const broker = new MemoryBroker();
    for (const id of topicIds) broker.createTopic(topics[id], partitions);
    const transport = new MemoryTransport(broker);
    const records = withLabels(untidyRecords(seed, 600));
    const half = Math.floor(records.length / 2);

    const first = startAll(transport, before);
    await publish(transport, records.slice(0, half));
    await Promise.all(first.map((app) => app.stop()));
    const second = startAll(transport, after);
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
    for (const topic of ['drift', 'judgedPredictions', 'liveQuality', 'alerts'] as const) {
      const records = [...(oracle.get(topic)?.values() ?? [])].flat().length;
      await waitFor(
        async () => [...(await read(transport, topic)).values()].flat().length >= records,
        `all of ${topic}`,
      );
    }
    await Promise.all(second.map((app) => app.stop()));

    for (const topic of outputTopics) {
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
  }
});

/** Two steps write rejections, and alerts depend on three topics. The order between these is open. */
const sorted = (topic: OutputTopic, list: readonly unknown[]): readonly unknown[] =>
  topic === 'rejectedReadings' || topic === 'alerts'
    ? list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    : list;
