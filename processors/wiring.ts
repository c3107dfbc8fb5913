/** Connects the steps to their topics. The results are the processors that the runtime runs. */
import type { ProcessDefinition } from '../processes/schema.ts';
import type { TopicNames } from '../schemas/catalogue.ts';
import { fixedHeaders } from '../schemas/headers.ts';
import type { Serde } from '../schemas/registry/serde.ts';
import { onGapOf, type Input, type Output, type Processor, type StepTopics } from '../stream/index.ts';
import type { ModelAccess } from './step-entry.ts';
import { entries, stepNames, type StepName } from './topology.ts';

/** What every processor needs. */
export interface Wires {
  readonly definition: ProcessDefinition;
  readonly serde: Pick<Serde, 'codec'>;
  readonly topics: TopicNames;
  readonly models: ModelAccess;
}

/** The largest number of cells of one partition that have a state, where the definition does not name its cells. */
export const mostCells = 5_000;

/** The processor of a step of any types. The compiler has checked them against the step's topics in the topology. */
export type AnyProcessor = Processor<Input, Output, unknown, unknown>;

/** Gives a step its topics, their codecs, and the headers that all its records carry. */
export function processorFor(name: StepName, { definition, serde, topics, models }: Wires): AnyProcessor {
  const { create, inputs, outputs, state, onGap } = entries[name];
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
    ...(onGap && { onGap }),
    ...(state && {
      state: {
        codec: state.codec(definition),
        changelog: topics[state.changelog],
        ...(definition.cells === 'any' && { mostKeys: mostCells }),
      },
    }),
  };
}

/** The topics of a step, for commands that look at its positions without running it. */
export function topicsOf(name: StepName, topics: TopicNames): StepTopics {
  const { inputs, state, onGap } = entries[name];
  return {
    step: name,
    inputs: Object.entries(inputs).map(([from, { topic, role }]) => ({ from, topic: topics[topic], role })),
    changelog: state && topics[state.changelog],
    onGap: onGapOf({ onGap, state }),
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/**
 * Groups the steps of one process into chains, in the order that data flows. A step joins the chain of the step it is
 * chained to when the process runs both.
 */
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

/** The commit interval of steps that run in one transaction, in ms: the shortest of theirs. */
export const commitIntervalOf = (steps: readonly StepName[]): number =>
  Math.min(...steps.map((step) => entries[step].commitInterval));
