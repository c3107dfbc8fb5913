/**
 * The expected states: each step runs again in memory, undisturbed, over its input topics. Its states are compared, one
 * by one, with the changelogs, which hold the states of the disturbed processes.
 */
import { createHash } from 'node:crypto';
import { until } from '../../../base/retry.ts';
import type { Kafka } from '../../../roles/connections.ts';
import { referencesOf } from '../../../models/bundle/reference-lookup.ts';
import { readTopic } from '../../../proof/read-topic.ts';
import { EpisodeList } from '../../../processors/live-quality/episode-list.ts';
import { ChangedSlots } from '../../../processors/ring-parts.ts';
import type { ProcessDefinition } from '../../../processes/schema.ts';
import { withoutModels } from '../../../processors/step-entry.ts';
import { entries, stepNames, type StepName } from '../../../processors/topology.ts';
import { processorFor, type AnyProcessor } from '../../../processors/wiring.ts';
import {
  inParts,
  MemoryBroker,
  MemoryTransport,
  splitPartKey,
  startStreamApp,
  StateStore,
  type Transport,
} from '../../../stream/index.ts';

/** A hash of each state, by key. */
export type StateHashes = ReadonlyMap<string, string>;

export const statefulSteps = stepNames.filter((step) => entries[step].state !== undefined);

export interface States {
  /** The states that the processes committed last. */
  readonly committed: StateHashes;
  /** The states of the undisturbed run. */
  readonly expected: StateHashes;
}

/** Compares the states. Call it when everything has settled. */
export async function compareStates(
  kafka: Kafka,
  definition: ProcessDefinition,
  step: StepName,
): Promise<States> {
  const { serde, topics } = kafka;
  const models = { ...withoutModels, referenceOf: referencesOf(definition.process) };
  const processor = processorFor(step, { definition, serde, topics, models });
  return {
    committed: await hashStates(kafka.transport, processor),
    expected: await hashStates(await runAgain(kafka, processor), processor),
  };
}

/** Runs the step alone, in memory. @returns the transport that holds its changelog */
async function runAgain({ transport, topics }: Kafka, processor: AnyProcessor): Promise<Transport> {
  // Tables first: an entry that is there before any record of the stream counts as one that comes in time.
  const inputs = Object.values(processor.inputs)
    .sort((a, b) => Number(b.role === 'table') - Number(a.role === 'table'))
    .map(({ topic }) => topic);
  const broker = new MemoryBroker();
  const memory = new MemoryTransport(broker);
  const partitions = await transport.partitionCount(topics.sensorReadings);
  for (const topic of Object.values(topics)) broker.createTopic(topic, partitions);
  for (const topic of inputs)
    for await (const { partition, records } of readTopic(transport, topic))
      broker.send(records.map(({ key, value, timestamp }) => ({ topic, partition, key, value, timestamp })));
  const settings = { transport: memory, application: 'twin', deadLetterTopic: topics.deadLetters };
  const app = startStreamApp(processor, settings);
  const isDone = async (topic: string): Promise<boolean> => {
    const committed = await memory.committedOffsets(`twin-${processor.step.name}`, topic);
    return [...(await memory.endOffsets(topic))].every(([at, end]) => end === 0 || committed.get(at) === end);
  };
  try {
    for (const topic of inputs)
      await until(
        () => `the undisturbed ${processor.step.name}`,
        () => isDone(topic),
        { timeout: 120_000 },
      );
  } finally {
    await app.stop();
  }
  return memory;
}

/** Hashes the states as a task would restore them, independent of the parts and batches in which they were written. */
async function hashStates(
  transport: Transport,
  { step, state: binding }: AnyProcessor,
): Promise<StateHashes> {
  if (binding === undefined) throw new Error(`${step.name} has no state`);
  const codec = inParts(binding.codec);
  const hashes = new Map<string, string>();
  for await (const { partition, records } of readTopic(transport, binding.changelog)) {
    const store = new StateStore(step, binding, partition);
    await store.restore(transport);
    const keys = new Set(records.map(({ key }) => splitPartKey(key?.toString() ?? '')[0]));
    for (const key of keys) {
      const hash = createHash('sha256');
      const state = store.touch(key);
      takeForChanged(state);
      codec.changes(state, (part, bytes) => {
        if (bytes !== null) hash.update(`${part} ${bytes.length} `).update(bytes);
      });
      hashes.set(key, hash.digest('hex'));
    }
  }
  return hashes;
}

/**
 * Marks all of a state as changed, so that all of it is written. Sorts the entries of maps by key: a step that reads
 * several topics inserts entries in the order in which it happens to read them.
 */
function takeForChanged(state: unknown): void {
  if (typeof state !== 'object' || state === null || ArrayBuffer.isView(state)) return;
  if (state instanceof ChangedSlots) {
    state.addAll();
    state.written = 0;
    return;
  }
  if (state instanceof EpisodeList) {
    state.renumber();
    return;
  }
  for (const [name, value] of Object.entries(state) as [string, unknown][])
    if (name === 'kept') Object.assign(value as object, { madeUpTo: NaN, pieces: NaN });
    else if (value instanceof Map) sortByKey(value);
    else takeForChanged(value);
}

function sortByKey(map: Map<unknown, unknown>): void {
  const sorted = [...map].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  map.clear();
  for (const [key, value] of sorted) map.set(key, value);
}
