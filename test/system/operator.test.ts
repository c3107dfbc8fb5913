/** What an operator does, with the commands, about a burst of wrong records and about a record too large for a dead letter. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../../base/retry.ts';
import type { SensorReading } from '../../schemas/generated/types.ts';
import type { ProducerRecord } from '../../stream/index.ts';
import { startPipeline, type Pipeline } from '../support/pipeline.ts';

const run = promisify(execFile);
const entry = join(import.meta.dirname, '../../cli/castwatch.ts');
const definition = 'processes/pump-rig.yaml';
const key = 'Skoltech/Lab/TestBeds/PumpRig/R1';
const burst = 1_000;
const good = 100;
const patience = { timeout: 60_000 };

interface Listed {
  readonly id: string;
  readonly topic: string;
  readonly step: string;
  readonly replays: number;
}

describe('an operator', function () {
  this.timeout(240_000);
  let pipeline: Pipeline;

  before(async () => {
    pipeline = await startPipeline({ process: definition });
  });
  after(() => pipeline.stop());

  const command = async (...args: string[]): Promise<readonly unknown[]> => {
    const env = { ...process.env, ...pipeline.env, LOG_LEVEL: 'error' };
    const { stdout } = await run(process.execPath, [entry, ...args, '--json'], { env });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  };
  const letters = async (): Promise<readonly Listed[]> =>
    (await command('dead-letters', 'list')) as readonly Listed[];
  const send = async (records: readonly ProducerRecord[]): Promise<void> => {
    const producer = await pipeline.kafka.transport.producer();
    await producer.send(records);
    await producer.close();
  };
  const total = async (...topics: readonly string[]): Promise<number> => {
    let records = 0;
    for (const topic of topics)
      for (const [partition] of await pipeline.kafka.transport.endOffsets(topic))
        await pipeline.kafka.transport.read({ topic, partition }, (batch) => {
          records += batch.length;
        });
    return records;
  };

  it('lets a step go on behind a burst of wrong records, replays them and discards them', async () => {
    const { topics, serde } = pipeline.kafka;
    const reading = (sequence: number): SensorReading => ({
      ...{ asset: key, sequence, source: 'test', eventTime: Date.UTC(2026, 2, 1) + sequence * 1_000 },
      measurements: [{ tag: 'MotorCurrent', value: 1, quality: 'GOOD' }],
    });
    const codec = serde.codec('sensorReadings');
    const records = (count: number, value: (n: number) => Buffer): ProducerRecord[] =>
      Array.from({ length: count }, (_, n) => ({ topic: topics.sensorReadings, key, value: value(n) }));
    await send(records(burst, (n) => Buffer.from(JSON.stringify(reading(n)))));
    await send(records(good, (n) => codec.encode(reading(n))));
    await pipeline.role('process', 'process', '--process', definition, '--steps', 'validate,features');
    const stopped = await until(
      'the breaker',
      async () => {
        const list = await command('breaker', 'list');
        return list.length > 0 && list;
      },
      patience,
    );
    assert.deepEqual(
      (stopped as readonly { step: string; topic: string }[]).map(({ step, topic }) => [step, topic]),
      [['validate', topics.sensorReadings]],
    );
    assert.equal(await total(topics.validatedReadings, topics.rejectedReadings), 0);

    await command('breaker', 'resume', '--why', 'the producer is corrected', '--step', 'validate');
    await until(
      'the good readings',
      async () => (await total(topics.validatedReadings, topics.rejectedReadings)) >= good,
      patience,
    );
    const first = await letters();
    assert.equal(first.length, burst);
    assert.deepEqual(await command('breaker', 'list'), []);

    // One is sent back, and is the same letter when it comes back.
    const [{ id } = assert.fail()] = first;
    await command('dead-letters', 'replay', '--id', id);
    await until('it comes back', async () => (await letters()).length === burst, patience);
    assert.equal((await letters()).find((letter) => letter.id === id)?.replays, 1);
    await command('dead-letters', 'discard', '--why', 'JSON of a first try', '--step', 'validate');
    assert.deepEqual(await letters(), []);
  });

  it('finds a label of 3 MB among the dead letters, and the sink and the step quality go on', async () => {
    const { topics, serde } = pipeline.kafka;
    const event = {
      ...{ asset: key, eventTime: 5, id: 'P-1', level: 'piece', type: 'STARTED' as const, source: 'test' },
      ...{ sequence: 1, properties: {} },
    };
    await send([
      {
        topic: topics.qualityLabels,
        key,
        value: Buffer.alloc(3_000_000, 'a long remark, '),
        compressesLarge: true,
      },
      { topic: topics.qualityLabels, key, value: randomBytes(1_000_000) },
      { topic: topics.mesEvents, key, value: serde.codec('mesEvents').encode(event) },
    ]);
    await pipeline.role('sink', 'sink');
    await pipeline.role('quality', 'process', '--process', definition, '--steps', 'quality');
    await until(
      'both letters of both',
      async () => {
        const labels = (await letters()).filter(({ topic }) => topic === topics.qualityLabels);
        const steps = labels.map(({ step }) => step);
        return steps.length === 4 && new Set(steps).size === 2;
      },
      patience,
    );
    await until(
      'the row of the event',
      async () => (await pipeline.pool.query('SELECT FROM castwatch.mes_events')).rowCount === 1,
      patience,
    );
  });
});
