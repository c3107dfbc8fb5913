/**
 * The states as they should be: each step run again in memory, undisturbed, over what lay on its input topics. State for
 * state it is compared with the changelogs, which tell what the disturbed processes had.
 */
import { createHash } from 'node:crypto';
import type { Kafka } from '../../cli/connections.ts';
import { readTopic } from '../../cli/reconcile/read-topic.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { alertProcessor, featuresProcessor, validateProcessor } from '../../processors/wiring.ts';
import {
  MemoryBroker,
  MemoryTransport,
  startStreamApp,
  type Input,
  type Output,
  type Processor,
} from '../../stream/index.ts';
import { until } from './until.ts';

/** Hash of the newest state, by key. */
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

/** What the processes had last committed. */
export const committedStates = (kafka: Kafka, step: StatefulStep): Promise<StateHashes> =>
  newest(kafka.transport, changelogOf(kafka, step));

/** What they should have. To be asked when all has settled. */
export async function expectedStates(
  kafka: Kafka,
  definition: ProcessDefinition,
  step: StatefulStep,
): Promise<StateHashes> {
  const wires = { definition, serde: kafka.serde, topics: kafka.topics };
  switch (step) {
    case 'validate':
      return runAgain(kafka, step, validateProcessor(wires));
    case 'features':
      return runAgain(kafka, step, featuresProcessor(wires));
    case 'alert':
      return runAgain(kafka, step, alertProcessor(wires));
  }
}

async function runAgain<In extends Input, Out extends Output, State, Extra>(
  kafka: Kafka,
  step: StatefulStep,
  processor: Processor<In, Out, State, Extra>,
): Promise<StateHashes> {
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
    const committed = await memory.committedOffsets(app.status().group, topic);
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
  return newest(memory, changelogOf(kafka, step));
}

async function newest(transport: Kafka['transport'], topic: string): Promise<StateHashes> {
  const hashes = new Map<string, string>();
  for await (const { records } of readTopic(transport, topic))
    for (const { key, value } of records)
      if (key !== null && value !== null)
        hashes.set(key.toString(), createHash('sha256').update(value).digest('hex'));
  return hashes;
}
