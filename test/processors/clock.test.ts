/** The clock of an asset: who can move it, and how an operator puts it back. */
import assert from 'node:assert/strict';
import { featureSetVersion } from '../../processes/plant.ts';
import { runOffline, type OfflineRecord } from '../../processors/offline.ts';
import { stepNames, type OutputTopic } from '../../processors/topology.ts';
import { clockReset, isClockReset } from '../../processors/validate/clock.ts';
import { validateStateCodec } from '../../processors/validate/state.ts';
import { validateStep } from '../../processors/validate/step.ts';
import { chained, processorFor } from '../../processors/wiring.ts';
import { topicIds, topicNames } from '../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../schemas/registry/serde.ts';
import { readingChecker } from '../../sources/json-reading.ts';
import { MemoryBroker, MemoryTransport, stage, startStreamChain } from '../../stream/index.ts';
import { waitFor } from '../support/wait.ts';
import { plainPredictor, plainReferenceOf } from './predict/plain-predictor.ts';
import { asset, outputs, reading, reasons, record, runStep, small } from './support.ts';

const day = 86_400;
const values = (at: number) => ({ A: 50 + (at % 7), B: 20 + (at % 5), C: 1.5 });
/** A reading whose publisher has the same clock. */
const scan = (at: number, source = 'test'): OfflineRecord<'sensorReadings'> & { value: object } => {
  const value = reading({ at, source, values: values(at) });
  return { topic: 'sensorReadings', value, timestamp: value.eventTime };
};
const scans = (from: number, to: number): ReturnType<typeof scan>[] =>
  Array.from({ length: to - from }, (_, index) => scan(from + index));
const reset = (at: number, sequence: number): ReturnType<typeof scan> => {
  const { eventTime } = reading({ at, values: {} });
  const value = clockReset({ asset, at: eventTime, by: 'anna', why: 'the gateway was in 2099', sequence });
  return { topic: 'sensorReadings', value, timestamp: eventTime };
};

const step = validateStep(small);
const validate = (records: readonly ReturnType<typeof scan>[]) =>
  runStep(
    step,
    records.map(({ value, timestamp }, offset) => record({ from: 'readings', value }, { timestamp, offset })),
  );
const findings = (records: readonly ReturnType<typeof scan>[]) =>
  reasons(outputs(validate(records), 'rejected'));

describe('the clock of an asset', () => {
  it('does not follow one reading a day ahead, even when its publisher’s clock is ahead, too', () => {
    const records = [...scans(0, 60), scan(day), ...scans(60, 3_660)];
    assert.deepEqual(findings(records), ['- FUTURE DROPPED']);
    const [rejected] = outputs(validate(records), 'rejected');
    assert.match(rejected?.rejections[0]?.detail ?? '', /ahead of the asset's latest.*number 1$/);
  });

  it('does not follow a second source that is always ahead', () => {
    const records = scans(0, 200).flatMap((each, at) => [each, scan(day + at, 'ahead')]);
    assert.deepEqual(new Set(findings(records)), new Set(['- FUTURE DROPPED']));
    assert.equal(outputs(validate(records), 'validated').length, 200);
  });

  it('follows the third reading in a row after a long stop', () => {
    const outcomes = validate([...scans(0, 60), ...scans(2 * day, 2 * day + 60)]);
    assert.deepEqual(reasons(outputs(outcomes, 'rejected')), ['- FUTURE DROPPED', '- FUTURE DROPPED']);
    assert.equal(outputs(outcomes, 'validated').length, 118);
  });

  it('follows at once within the leap of the definition', () => {
    assert.deepEqual(findings([...scans(0, 60), ...scans(3_600, 3_660)]), []);
  });

  it('remembers a leap in the state', () => {
    const codec = validateStateCodec(small);
    const parts = new Map<string, Buffer>();
    let state = step.create(asset);
    const records = [...scans(0, 5), ...scans(day, day + 5)];
    const restarted = records.map(({ value, timestamp }, offset) => {
      const outcome = step.process(
        record({ from: 'readings', value }, { timestamp, offset }),
        state,
        undefined,
      );
      codec.changes(state, (part, bytes) => {
        if (bytes === null) parts.delete(part);
        else parts.set(part, bytes);
      });
      ({ state } = codec.restore(parts));
      return outcome;
    });
    assert.deepEqual(restarted, validate(records));
    assert.equal(parts.get('')?.[0], 2, 'without a leap the form is the old one');
  });

  it('is put back by an operator’s command, for all steps, whatever the restarts', async function () {
    this.timeout(20_000);
    const wrong = 73 * 365 * day;
    const moved = [...scans(0, 120), ...scans(wrong, wrong + 40)];
    const late = scans(120, 180);
    const after = [reset(180, 1), ...scans(180, 400)];

    const topics = topicNames();
    const serde = serdeWithoutRegistry();
    const broker = new MemoryBroker();
    for (const id of topicIds) broker.createTopic(topics[id], 1);
    const transport = new MemoryTransport(broker);
    const predictor = plainPredictor(featureSetVersion(small));
    const answering = { champion: { predictor, entry: 1 }, beside: [] };
    const models = { current: () => answering, referenceOf: plainReferenceOf };
    const wires = { definition: small, serde, topics, models };
    const publish = async (records: readonly ReturnType<typeof scan>[]): Promise<void> => {
      const producer = await transport.producer();
      for (const { value, timestamp } of records) {
        const bytes = serde.codec('sensorReadings').encode(value);
        await producer.send([{ topic: topics.sensorReadings, key: asset, value: bytes, timestamp }]);
      }
      await producer.close();
    };
    const count = async (topic: OutputTopic): Promise<number> => {
      let records = 0;
      await transport.read({ topic: topics[topic], partition: 0 }, (some) => {
        records += some.length;
      });
      return records;
    };
    const expected = new Map<string, number>();
    await runOffline({
      definition: small,
      predictor,
      referenceOf: plainReferenceOf,
      records: [[...moved, ...late, ...after]],
      sinks: {
        record: (topic) => expected.set(topic, (expected.get(topic) ?? 0) + 1),
        dropped: (name, reason) => expected.set(`${name} ${reason}`, 1),
      },
    });

    for (const records of [moved, late, after.slice(0, 1), after.slice(1)]) {
      const apps = chained(stepNames).map((steps) =>
        startStreamChain(
          steps.map((name) => stage(processorFor(name, wires))),
          { transport, application: 'test', deadLetterTopic: topics.deadLetters },
        ),
      );
      await publish(records);
      const handled = async (): Promise<number> => {
        const committed = await transport.committedOffsets('test-validate', topics.sensorReadings);
        return committed.get(0) ?? 0;
      };
      const end = (await transport.endOffsets(topics.sensorReadings)).get(0);
      await waitFor(async () => (await handled()) === end, 'all readings to be validated');
      await Promise.all(apps.map((app) => app.stop()));
    }
    assert.equal(await count('validatedReadings'), expected.get('validatedReadings'));
    assert.equal(await count('features'), expected.get('features'));

    const verdicts = validate([...moved, ...late, ...after]).map((outcome, index) => ({
      index,
      validated: outputs([outcome], 'validated').length,
    }));
    const from = moved.length + late.length;
    assert.ok(verdicts.slice(moved.length, from).every(({ validated }) => validated === 0));
    assert.ok(verdicts.slice(from).every(({ validated }) => validated === 1));
  });

  it('lets rows, predictions, drift and alarms go on after it was put back', async () => {
    const wrong = 73 * 365 * day;
    const hot = (at: number): ReturnType<typeof scan> => {
      const each = scan(at);
      const measurements = each.value.measurements.map((one) =>
        one.tag === 'A' ? { ...one, value: 95 } : one,
      );
      return { ...each, value: { ...each.value, measurements } };
    };
    const rows: number[] = [];
    const alarms: string[] = [];
    const dropped: string[] = [];
    await runOffline({
      definition: { ...small, tags: small.tags.map((tag) => ({ ...tag, rate: 1_000 })) },
      predictor: plainPredictor(featureSetVersion(small)),
      records: [
        [
          ...scans(0, 60),
          ...scans(wrong, wrong + 60),
          reset(120, 1),
          ...scans(120, 160),
          ...Array.from({ length: 40 }, (_, index) => hot(160 + index)),
          ...scans(200, 240),
        ],
      ],
      sinks: {
        features: ({ eventTime }) => rows.push(eventTime),
        alerts: ({ rule, transition, eventTime }) => {
          if (rule === 'high')
            alarms.push(`${transition} ${eventTime < reading({ at: day, values: {} }).eventTime}`);
        },
        dropped: (name, reason) => dropped.push(`${name} ${reason}`),
      },
    });
    const last = reading({ at: 230, values: {} }).eventTime;
    assert.equal(rows.at(-1), last);
    assert.ok(rows.filter((time) => time > last - 100_000 && time <= last).length >= 19);
    assert.deepEqual(alarms, ['RAISED true', 'RETURNED_TO_NORMAL true', 'CLEARED true']);
    assert.deepEqual(dropped, []);
  });

  it('is put back with a finding that says by whom and why', () => {
    const [found] = outputs(validate([...scans(0, 3), reset(10, 1)]), 'rejected');
    assert.equal(found?.dropped, false);
    assert.match(found.rejections[0]?.detail ?? '', /^the clock of .* by anna: the gateway was in 2099$/);
  });

  it('cannot be put back by a producer that sends readings by REST or by a file', () => {
    const { value } = reset(10, 1);
    assert.ok(isClockReset(value));
    const checked = readingChecker(small)({ ...value, measurements: [] });
    assert.ok(!checked.ok && checked.problems[0]?.path === 'source');
  });
});
