/**
 * Runs one step on a broker in memory and gives back what it wrote. The inputs are fed slice by slice, tables before
 * streams, one topic after the other, so that the result does not depend on timing.
 */
import assert from 'node:assert/strict';
import {
  MemoryBroker,
  MemoryTransport,
  startStreamChain,
  type ProducerRecord,
  type RawRecord,
  type Stage,
} from '../../stream/index.ts';
import { waitFor } from '../support/wait.ts';
import type { Changelog, GoldenRecord, Slices } from './archive.ts';

const application = 'golden';
const deadLetterTopic = 'dead-letters.v1';
export const partitions = 3;

export interface StepRun {
  readonly stage: Stage;
  /** None for a step without state. */
  readonly changelog: string | undefined;
  /** By topic name, for every input of the step. */
  readonly inputs: Readonly<Record<string, Slices>>;
  readonly carryHeaders: readonly string[];
  readonly maxBatchRecords?: number;
  /** Starts from this state instead of from nothing; the slices before the middle count as processed. */
  readonly resumeFrom?: Changelog;
}

export interface StepResult {
  /** By topic name, dead letters included; without the slices that were not processed. */
  readonly outputs: Readonly<Record<string, Slices>>;
  /** The state after the first half of the slices; undefined when the run began there. */
  readonly half: Changelog | undefined;
  readonly end: Changelog;
}

export async function runStep(run: StepRun): Promise<StepResult> {
  const { stage, changelog, inputs, carryHeaders, maxBatchRecords = 64, resumeFrom } = run;
  const broker = new MemoryBroker();
  const outputTopics = [...new Set([...stage.outputs, deadLetterTopic])];
  const inputTopics = stage.inputs
    .toSorted((a, b) => Number(b.role === 'table') - Number(a.role === 'table'))
    .map(({ topic }) => topic);
  for (const topic of [...inputTopics, ...outputTopics]) broker.createTopic(topic, partitions);
  if (changelog !== undefined) broker.createTopic(changelog, partitions);
  const transport = new MemoryTransport(broker);
  const group = `${application}-${stage.step}`;
  const producer = await transport.producer();
  const count = Math.max(...inputTopics.map((topic) => slicesOf(inputs, topic).length));
  const middle = Math.floor(count / 2);
  const first = resumeFrom === undefined ? 0 : middle;

  const feed = (topic: string, slice: number): Promise<void> =>
    producer.send((slicesOf(inputs, topic)[slice] ?? []).map((record) => ({ topic, ...record })));
  const ends = async (topic: string): Promise<[number, number][]> =>
    [...(await transport.endOffsets(topic))].filter(([, end]) => end > 0);
  const processed = (topic: string): Promise<boolean> =>
    waitFor(async () => {
      const committed = await transport.committedOffsets(group, topic);
      return (await ends(topic)).every(([partition, end]) => committed.get(partition) === end);
    }, `${stage.step} to process ${topic}`);

  for (let slice = 0; slice < first; slice++) for (const topic of inputTopics) await feed(topic, slice);
  if (resumeFrom !== undefined && changelog !== undefined) {
    await producer.send(toRecords(changelog, resumeFrom));
    const offsets = [];
    for (const topic of inputTopics)
      for (const [partition, offset] of await ends(topic)) offsets.push({ topic, partition, offset });
    await (await transport.transactionalProducer('before')).transact([], [{ group, offsets }]);
  }

  const outputs = new Map<string, GoldenRecord[][]>(outputTopics.map((topic) => [topic, []]));
  const read = new Map<string, number>();
  const collect = async (): Promise<void> => {
    for (const [topic, slices] of outputs) slices.push(await readOn(transport, topic, read));
  };
  let half: Changelog | undefined;
  const app = startStreamChain([stage], {
    transport,
    application,
    deadLetterTopic,
    carryHeaders,
    maxBatchRecords,
  });
  try {
    for (let slice = first; slice < count; slice++) {
      if (slice === middle && first === 0) half = await readChangelog(transport, changelog);
      for (const topic of inputTopics) {
        await feed(topic, slice);
        await processed(topic);
      }
      await collect();
    }
  } finally {
    await app.stop();
  }
  return { outputs: Object.fromEntries(outputs), half, end: await readChangelog(transport, changelog) };
}

function slicesOf(inputs: StepRun['inputs'], topic: string): Slices {
  const slices = inputs[topic];
  assert.ok(slices !== undefined, `there are no records for the input ${topic}`);
  return slices;
}

/** What has been written since the last call, by partition. */
async function readOn(
  transport: MemoryTransport,
  topic: string,
  read: Map<string, number>,
): Promise<GoldenRecord[]> {
  const found: GoldenRecord[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const place = `${topic}/${partition}`;
    const from = read.get(place) ?? 0;
    await transport.read({ topic, partition }, (records) => {
      for (const record of records) if (record.offset >= from) found.push(toGolden(partition, record));
    });
    read.set(place, (await transport.endOffsets(topic)).get(partition) ?? 0);
  }
  return found;
}

function toGolden(partition: number, { key, value, timestamp, headers = {} }: RawRecord): GoldenRecord {
  const texts = Object.entries(headers).map(([name, bytes]) => [name, bytes?.toString() ?? ''] as const);
  return { partition, key: key?.toString() ?? null, value, timestamp, headers: Object.fromEntries(texts) };
}

async function readChangelog(transport: MemoryTransport, topic: string | undefined): Promise<Changelog> {
  const latest = new Map<string, Buffer>();
  if (topic === undefined) return latest;
  for (let partition = 0; partition < partitions; partition++)
    await transport.read({ topic, partition }, (records) => {
      for (const { key, value } of records) {
        const place = `${partition} ${key?.toString() ?? ''}`;
        if (value === null) latest.delete(place);
        else latest.set(place, value);
      }
    });
  return new Map([...latest].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const toRecords = (topic: string, changelog: Changelog): ProducerRecord[] =>
  [...changelog].map(([place, value]) => {
    const blank = place.indexOf(' ');
    return { topic, partition: Number(place.slice(0, blank)), key: place.slice(blank + 1), value };
  });
