import { strict as assert } from 'node:assert';
import { until } from '../../../../base/retry.ts';
import { compareStates, statefulSteps } from '../../../../bench/chaos/checks/twin.ts';
import { openDefinition } from '../../../../roles/open-definition.ts';
import { openSource } from '../../../../sources/open.ts';
import type { Kafka } from '../../../../roles/connections.ts';
import { withoutModels } from '../../../../processors/step-entry.ts';
import { championAlone } from '../../../../processors/predict/predictor.ts';
import { stepNames } from '../../../../processors/topology.ts';
import { featureSetVersion } from '../../../../processes/plant.ts';
import { stepLag } from '../../../../proof/lag.ts';
import { plainPredictor } from '../../../processors/predict/plain-predictor.ts';
import { untidyRecords, withLabels } from '../../../processors/untidy.ts';
import { watched } from '../../../processors/watched.ts';
import { seed } from '../../../support/seed.ts';
import { processorFor } from '../../../../processors/wiring.ts';
import { topicNames } from '../../../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../../../schemas/registry/serde.ts';
import { records } from '../../../../sources/source.ts';
import {
  MemoryBroker,
  MemoryTransport,
  startStreamApp,
  type ProducerRecord,
} from '../../../../stream/index.ts';

const most = 600;

describe('the states of an undisturbed twin', () => {
  const definition = openDefinition({ process: 'processes/casting.yaml', cells: 3 });
  const topics = topicNames();
  const serde = serdeWithoutRegistry();
  let broker: MemoryBroker;
  let kafka: Kafka;

  beforeEach(() => {
    broker = new MemoryBroker();
    for (const topic of Object.values(topics)) broker.createTopic(topic, 2);
    kafka = {
      transport: new MemoryTransport(broker),
      serde,
      topics,
      prefix: '',
      close: () => Promise.resolve(),
    };
  });

  /** Stopped and started again after each part. */
  async function validateInParts(input: readonly ProducerRecord[], parts: number): Promise<void> {
    const size = Math.ceil(input.length / parts);
    for (let from = 0; from < input.length; from += size) {
      broker.send(input.slice(from, from + size));
      const app = startStreamApp(
        processorFor('validate', { definition, serde, topics, models: withoutModels }),
        {
          transport: kafka.transport,
          application: 'castwatch',
          deadLetterTopic: topics.deadLetters,
          maxBatchRecords: 7,
        },
      );
      const isDone = async (): Promise<boolean> => {
        const committed = await kafka.transport.committedOffsets('castwatch-validate', topics.sensorReadings);
        const ends = await kafka.transport.endOffsets(topics.sensorReadings);
        return [...ends].every(([partition, end]) => end === 0 || committed.get(partition) === end);
      };
      await until('validate', isDone, { timeout: 10_000 });
      await app.stop();
    }
  }

  async function readings(): Promise<ProducerRecord[]> {
    const flags = { source: 'simulator', file: [], seed: '5', faults: 'all' } as const;
    const source = await openSource(definition, { ...flags, startTime: Date.parse('2026-03-01T06:00:00Z') });
    const codec = serde.codec('sensorReadings');
    const input: ProducerRecord[] = [];
    for await (const { topic, value, timestamp } of records(source)) {
      if (topic !== 'sensorReadings' || value === null) continue;
      input.push({ topic: topics.sensorReadings, key: value.asset, value: codec.encode(value), timestamp });
      if (input.length === most) break;
    }
    return input;
  }

  it('equal those of a run that was stopped repeatedly', async () => {
    await validateInParts(await readings(), 5);
    const { committed, expected } = await compareStates(kafka, definition, 'validate');
    assert.ok(expected.size >= 3);
    assert.deepEqual(new Map([...committed].sort()), new Map([...expected].sort()));
  });

  it('equal those of all steps that were stopped in the middle, in whatever order they read their topics', async function () {
    this.timeout(60_000);
    const answering = championAlone(plainPredictor(featureSetVersion(watched)));
    const models = { ...withoutModels, current: () => answering };
    const { transport } = kafka;
    const all = withLabels(untidyRecords(seed, 600));
    const half = Math.floor(all.length / 2);
    for (const part of [all.slice(0, half), all.slice(half)]) {
      broker.send(
        part.map(({ topic, value, timestamp }) => {
          assert.ok(value);
          return {
            topic: topics[topic],
            key: value.asset,
            value: serde.codec(topic).encode(value),
            timestamp,
          };
        }),
      );
      const apps = stepNames.map((step) =>
        startStreamApp(processorFor(step, { definition: watched, serde, topics, models }), {
          transport,
          application: 'castwatch',
          deadLetterTopic: topics.deadLetters,
          maxBatchRecords: 17,
        }),
      );
      for (const step of stepNames)
        await until(step, async () => (await stepLag(kafka, step)).every(({ records }) => records === 0), {
          timeout: 30_000,
        });
      await Promise.all(apps.map((app) => app.stop()));
    }
    for (const step of statefulSteps) {
      const { committed, expected } = await compareStates(kafka, watched, step);
      assert.ok(expected.size > 0, step);
      assert.deepEqual(new Map([...committed].sort()), new Map([...expected].sort()), step);
    }
  });

  it('differ when the state has one reading more than the input', async () => {
    const input = await readings();
    await validateInParts(input, 1);
    // The same changelog, beside an input that lacks the last reading.
    const other = new MemoryBroker();
    for (const topic of Object.values(topics)) other.createTopic(topic, 2);
    const transport = new MemoryTransport(other);
    other.send(input.slice(0, -1));
    const changelog: ProducerRecord[] = [];
    for (let partition = 0; partition < 2; partition++)
      await kafka.transport.read({ topic: topics.validateChangelog, partition }, (batch) => {
        for (const { key, value } of batch)
          changelog.push({ topic: topics.validateChangelog, partition, key, value });
      });
    other.send(changelog);
    const { committed, expected } = await compareStates({ ...kafka, transport }, definition, 'validate');
    const wrong = [...expected.keys()].filter((key) => committed.get(key) !== expected.get(key));
    assert.equal(wrong.length, 1);
  });
});
