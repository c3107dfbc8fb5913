/** Puts each step in its place on the topics: what the runtime runs. */
import type { ProcessDefinition } from '../processes/schema.ts';
import type { TopicNames } from '../schemas/catalogue.ts';
import { fixedHeaders } from '../schemas/headers.ts';
import type { Serde } from '../schemas/registry/serde.ts';
import type { Input, Output, Processor } from '../stream/index.ts';
import type { ModelAccess } from './step-entry.ts';
import { entries, stepNames, type StepName } from './topology.ts';

/** What every processor is wired with. */
export interface Wires {
  readonly definition: ProcessDefinition;
  readonly serde: Pick<Serde, 'codec'>;
  readonly topics: TopicNames;
  readonly models: ModelAccess;
}

/** The processor of a step of any types; the topology has checked that what it reads and writes fits. */
export type AnyProcessor = Processor<Input, Output, unknown, unknown>;

/** The step with its topics, its codecs, and the headers that all its records carry. */
export function processorFor(name: StepName, { definition, serde, topics, models }: Wires): AnyProcessor {
  const { create, inputs, outputs, state } = entries[name];
  return {
    step: create(definition, models),
    inputs: mapValues(inputs, ({ topic, role }) => ({
      topic: topics[topic],
      codec: serde.codec(topic),
      role,
    })),
    outputs: mapValues(outputs, (topic) => ({
      topic: topics[topic],
      codec: serde.codec(topic),
      headers: fixedHeaders(topic, `/castwatch/${name}`),
    })),
    ...(state && { state: { codec: state.codec(definition), changelog: topics[state.changelog] } }),
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** The steps as they run in one process: chained with their neighbours where it runs both, in the data's order. */
export function chained(steps: readonly StepName[]): readonly (readonly StepName[])[] {
  const chains: StepName[][] = [];
  for (const step of stepNames.filter((name) => steps.includes(name))) {
    const { chainedTo } = entries[step];
    const chain = chainedTo && chains.find((each) => each.at(-1) === chainedTo);
    if (chain) chain.push(step);
    else chains.push([step]);
  }
  return chains;
}

/** ms, of steps that run in one transaction: that of the step that waits the least. */
export const commitIntervalOf = (steps: readonly StepName[]): number =>
  Math.min(...steps.map((step) => entries[step].commitInterval));
