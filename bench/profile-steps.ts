/**
 * Measures the cost of validate and features alone: encoded readings go through the same batch code that runs on Kafka,
 * but without Kafka. Prints one line of JSON per growth point.
 *
 * `node bench/profile-steps.ts [--assets 10,1000] [--scans 120] [--warm-up 70] [--batch 2000] [--pass 64] [--apart]`, with `--cpu-prof` for a profile.
 */
import { parseArgs } from 'node:util';
import { makeObjectsYoung } from '../roles/garbage.ts';
import { loadDefinition } from '../processes/load.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import { withoutModels } from '../processors/step-entry.ts';
import { processorFor } from '../processors/wiring.ts';
import { topicNames } from '../schemas/catalogue.ts';
import type { SensorReading } from '../schemas/generated/types.ts';
import { serdeWithoutRegistry } from '../schemas/registry/serde.ts';
import { createSimulator } from '../sources/simulator/simulator.ts';
import {
  type BatchResult,
  type ProducerRecord,
  type RawRecord,
  recordsPerPass,
  stage,
  type StageAtWork,
  type StepBatch,
} from '../stream/index.ts';

makeObjectsYoung();
const { values: options } = parseArgs({
  options: {
    process: { type: 'string', default: 'processes/casting.yaml' },
    assets: { type: 'string', default: '10' },
    scans: { type: 'string', default: '120' },
    'warm-up': { type: 'string', default: '0' },
    batch: { type: 'string', default: '2000' },
    pass: { type: 'string', default: String(recordsPerPass) },
    apart: { type: 'boolean', default: false },
  },
});

const topics = topicNames('');
const serde = serdeWithoutRegistry();

async function simulate(definition: ProcessDefinition, scans: number): Promise<readonly SensorReading[]> {
  const duration = scans * definition.time.period;
  const [cell] = definition.cells === 'any' ? [] : definition.cells;
  const one = { ...definition, cells: [cell ?? ''] };
  const readings: SensorReading[] = [];
  for await (const batch of createSimulator({
    definition: one,
    seed: 1,
    start: Date.UTC(2026, 0, 1),
    duration,
  }))
    for (const record of batch)
      if (record.topic === 'sensorReadings' && record.value !== null) readings.push(record.value);
  return readings;
}

/** CPU µs, user and system. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const settings = {
  deadLetterTopic: 'dead',
  carryHeaders: ['traceparent', 'ce_time'],
  breaker: {},
  observer: {},
  poison: new Map<string, string>(),
};

/** A running step, and its cost so far. */
class Measured {
  readonly #step: StageAtWork;
  micros = 0;
  /** The part of these that makes the changelog's records. */
  finishMicros = 0;
  changelogRecords = 0;
  changelogBytes = 0;

  constructor(step: StageAtWork) {
    this.#step = step;
  }

  /** Sets the cost back to zero. */
  reset(): void {
    [this.micros, this.finishMicros, this.changelogRecords, this.changelogBytes] = [0, 0, 0, 0];
  }

  async run(batch: StepBatch): Promise<BatchResult> {
    const began = cpu();
    const result = await this.#step.run(batch, 0);
    this.micros += cpu() - began;
    return result;
  }

  /** At the end of a transaction. */
  finish(): void {
    const began = cpu();
    const out: ProducerRecord[] = [];
    this.#step.finish(out);
    const took = cpu() - began;
    this.micros += took;
    this.finishMicros += took;
    for (const { value } of out) {
      this.changelogRecords += 1;
      this.changelogBytes += value?.length ?? 0;
    }
  }
}

async function measure(definition: ProcessDefinition, readings: readonly SensorReading[], assets: number) {
  const wires = { definition, serde, topics, models: withoutModels };
  const link = { from: 'readings', source: { topic: topics.validatedReadings, partition: 0 } };
  const after = options.apart ? undefined : link;
  const validate = new Measured(stage(processorFor('validate', wires)).open(0, settings, { after }));
  const features = new Measured(stage(processorFor('features', wires)).open(0, settings, { before: link }));
  const codec = serde.codec('sensorReadings');
  const names = Array.from({ length: assets }, (_, index) => `Castwatch/Works1/SteelPlant/Caster1/S${index}`);
  const keys = names.map((name) => Buffer.from(name));
  const size = Number(options.batch);
  const perPass = Number(options.pass);
  let batch: RawRecord[] = [];
  let [offset, records, rows] = [0, 0, 0];
  const source = { topic: topics.sensorReadings, partition: 0 };
  const pass = async (): Promise<void> => {
    const slice = { from: 'readings', source, records: batch };
    const { out, handOn } = await validate.run({ slices: [slice], handedOn: [] });
    const validated = out.filter(({ topic }) => topic === topics.validatedReadings).map(asRead);
    const made = await features.run({
      slices: options.apart ? [{ ...link, records: validated }] : [],
      handedOn: handOn,
    });
    rows += made.out.filter(({ topic }) => topic === topics.features).length;
    records += batch.length;
    batch = [];
  };
  const finish = (): void => {
    validate.finish();
    features.finish();
  };
  const warmUp = Number(options['warm-up']);
  for (const [scan, reading] of readings.entries()) {
    if (scan === warmUp) {
      await pass();
      finish();
      validate.reset();
      features.reset();
      [records, rows] = [0, 0];
    }
    for (const [index, asset] of names.entries()) {
      const value = codec.encode({ ...reading, asset });
      const headers = { ce_time: Buffer.from('2026-01-01T00:00:00.000Z') };
      batch.push({
        offset: offset++,
        key: Buffer.from(keys[index] ?? ''),
        value,
        timestamp: reading.eventTime,
        headers,
      });
      if (batch.length === perPass) await pass();
      if (offset % size === 0) finish();
    }
  }
  await pass();
  finish();
  const per = (total: number): number => Number((total / records).toFixed(2));
  return {
    assets,
    tags: definition.tags.length,
    records,
    rows,
    validateMicros: per(validate.micros),
    featuresMicros: per(features.micros),
    totalMicros: per(validate.micros + features.micros),
    changelogMicros: per(validate.finishMicros + features.finishMicros),
    validateChangelogBytes: per(validate.changelogBytes),
    featuresChangelogBytes: per(features.changelogBytes),
    changelogRecords: per(validate.changelogRecords + features.changelogRecords),
    rssMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
  };
}

const asRead = ({ key, value, timestamp = 0, headers }: ProducerRecord, offset: number): RawRecord => ({
  offset,
  key: typeof key === 'string' ? Buffer.from(key) : key,
  value,
  timestamp,
  headers,
});

const definition = { ...loadDefinition(options.process), cells: 'any' as const };
const readings = await simulate(loadDefinition(options.process), Number(options.scans));
for (const assets of options.assets.split(','))
  process.stdout.write(`${JSON.stringify(await measure(definition, readings, Number(assets)))}\n`);
