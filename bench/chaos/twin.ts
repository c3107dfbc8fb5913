/**
 * The states as they should be: each step run again in memory, undisturbed, over what lay on its input topics. State for
 * state it is compared with the changelogs, which tell what the disturbed processes had.
 */
import { createHash } from 'node:crypto';
import type { Kafka } from '../../roles/connections.ts';
import { readTopic } from '../../proof/read-topic.ts';
import { ChangedSlots } from '../../processors/ring-parts.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { alertProcessor, featuresProcessor, validateProcessor } from '../../processors/wiring.ts';
import {
  inParts,
  type Input,
  MemoryBroker,
  MemoryTransport,
  type Output,
  type Processor,
  splitPartKey,
  startStreamApp,
  StateStore,
  type Transport,
} from '../../stream/index.ts';
import { until } from '../until.ts';

/** Hash of the state, by key. */
export type StateHashes = ReadonlyMap<string, string>;

const steps = {
  validate: { inputs: ['sensorReadings'], changelog: 'validateChangelog' },
  // Tables first: what a table holds before any record of the stream is as good as what comes in time.
  features: { inputs: ['mesEvents', 'validatedReadings'], changelog: 'featuresChangelog' },
  alert: { inputs: ['predictions'], changelog: 'alertChangelog' },
} as const;

export type StatefulStep = keyof typeof steps;
export const statefulSteps = Object.keys(steps) as readonly StatefulStep[];
export const changelogOf = ({ topics }: Kafka, step: StatefulStep): string => topics[steps[step].changelog];

export interface States {
  /** What the processes had last committed. */
  readonly committed: StateHashes;
  /** What they should have. */
  readonly expected: StateHashes;
}

/** To be asked when all has settled. */
export function compareStates(
  kafka: Kafka,
  definition: ProcessDefinition,
  step: StatefulStep,
): Promise<States> {
  const wires = { definition, serde: kafka.serde, topics: kafka.topics };
  switch (step) {
    case 'validate':
      return compare(kafka, step, validateProcessor(wires));
    case 'features':
      return compare(kafka, step, featuresProcessor(wires));
    case 'alert':
      return compare(kafka, step, alertProcessor(wires));
  }
}

async function compare<In extends Input, Out extends Output, State, Extra>(
  kafka: Kafka,
  step: StatefulStep,
  processor: Processor<In, Out, State, Extra>,
): Promise<States> {
  return {
    committed: await hashStates(kafka.transport, processor),
    expected: await hashStates(await runAgain(kafka, step, processor), processor),
  };
}

/** The step alone, in memory. @returns where its changelog lies */
async function runAgain<In extends Input, Out extends Output, State, Extra>(
  kafka: Kafka,
  step: StatefulStep,
  processor: Processor<In, Out, State, Extra>,
): Promise<Transport> {
  const { transport, topics } = kafka;
  const inputs = steps[step].inputs.map((id) => topics[id]);
  const broker = new MemoryBroker();
  const memory = new MemoryTransport(broker);
  const partitions = await transport.partitionCount(changelogOf(kafka, step));
  for (const topic of Object.values(topics)) broker.createTopic(topic, partitions);
  for (const topic of inputs)
    for await (const { partition, records } of readTopic(transport, topic))
      broker.send(records.map(({ key, value, timestamp }) => ({ topic, partition, key, value, timestamp })));
  const settings = { transport: memory, application: 'twin', deadLetterTopic: topics.deadLetters };
  const app = startStreamApp(processor, settings);
  const isDone = async (topic: string): Promise<boolean> => {
    const committed = await memory.committedOffsets(`twin-${step}`, topic);
    return [...(await memory.endOffsets(topic))].every(([at, end]) => end === 0 || committed.get(at) === end);
  };
  try {
    for (const topic of inputs)
      await until(
        () => isDone(topic),
        () => `the undisturbed ${step}`,
        120_000,
      );
  } finally {
    await app.stop();
  }
  return memory;
}

/** The states as a task would restore them, whatever parts and batches they were written in. */
async function hashStates<In extends Input, Out extends Output, State, Extra>(
  transport: Transport,
  { step, state: binding }: Processor<In, Out, State, Extra>,
): Promise<StateHashes> {
  if (binding === undefined) throw new Error(`${step.name} has no state`);
  const codec = inParts(binding.codec);
  const hashes = new Map<string, string>();
  for await (const { partition, records } of readTopic(transport, binding.changelog)) {
    const store = new StateStore<State>((key) => step.create(key), binding, partition);
    await store.restore(transport);
    const keys = new Set(records.map(({ key }) => splitPartKey(key?.toString() ?? '')[0]));
    for (const key of keys) {
      const hash = createHash('sha256');
      const state = store.touch(key);
      takeForChanged(state);
      codec.changes(state, (part, bytes) => hash.update(`${part} ${bytes.length} `).update(bytes));
      hashes.set(key, hash.digest('hex'));
    }
  }
  return hashes;
}

/** So that all of a state is written, and not what has changed of it alone. */
function takeForChanged(state: unknown): void {
  if (typeof state !== 'object' || state === null || ArrayBuffer.isView(state)) return;
  if (state instanceof ChangedSlots) {
    state.addAll();
    state.written = 0;
    return;
  }
  for (const [name, value] of Object.entries(state) as [string, unknown][])
    if (name === 'kept') Object.assign(value as object, { madeUpTo: NaN, pieces: NaN });
    else if (!(value instanceof Map)) takeForChanged(value);
}
