/** Puts each step in its place on the topics: what the runtime runs. */
import type { ProcessDefinition } from '../processes/schema.ts';
import type { AvroTopicId, TopicNames } from '../schemas/catalogue.ts';
import { fixedHeaders } from '../schemas/headers.ts';
import type { Serde } from '../schemas/serde.ts';
import type { ValueOf } from '../schemas/values.ts';
import type { InputBinding, OutputBinding, Processor } from '../stream/index.ts';
import { alertStateCodec, type AlertState } from './alert/state.ts';
import { alertStep, type AlertInput, type AlertOutput } from './alert/step.ts';
import { driftStateCodec, type DriftState } from './drift/state.ts';
import { driftStep, type DriftInput, type DriftOutput } from './drift/step.ts';
import type { ReferenceOf } from './reference/reference.ts';
import { featuresStateCodec, type FeaturesState } from './features/state.ts';
import { featuresStep, type FeaturesInput, type FeaturesOutput } from './features/step.ts';
import type { Models } from './predict/predictor.ts';
import { predictStep, type Answered, type PredictInput, type PredictOutput } from './predict/step.ts';
import { qualityStateCodec, type QualityState } from './live-quality/state.ts';
import { qualityStep, type QualityInput, type QualityOutput } from './live-quality/step.ts';
import { validateStateCodec, type ValidateState } from './validate/state.ts';
import { validateStep, type ValidateInput, type ValidateOutput } from './validate/step.ts';

/** In the order that data flows. */
export const stepNames = ['validate', 'features', 'predict', 'drift', 'quality', 'alert'] as const;
export type StepName = (typeof stepNames)[number];

/**
 * Steps that run in one task and one transaction when one process has both: the second reads what the first writes, and
 * keeps its keys.
 */
const chains: readonly (readonly StepName[])[] = [
  ['validate', 'features'],
  ['predict', 'alert'],
];

/**
 * ms from one transaction of a step to its next, while there is more than it can do at once. Nobody waits for what drift
 * and quality find within the second, and each transaction fewer leaves the broker's time to those somebody waits for.
 */
const commitIntervals: Readonly<Record<StepName, number>> = {
  validate: 50,
  features: 50,
  predict: 25,
  alert: 25,
  drift: 1_000,
  quality: 1_000,
};

/** Of steps that run in one transaction. */
export const commitIntervalOf = (steps: readonly StepName[]): number =>
  Math.min(...steps.map((step) => commitIntervals[step]));

/** The steps as they run in one process: chained with their neighbours where that is possible, in the data's order. */
export function chained(steps: readonly StepName[]): readonly (readonly StepName[])[] {
  const together = chains.filter((chain) => chain.every((step) => steps.includes(step)));
  const alone = steps.filter((step) => !together.some((chain) => chain.includes(step)));
  return [...together, ...alone.map((step) => [step])];
}

/** What every processor is wired with. */
export interface Wires {
  readonly definition: ProcessDefinition;
  readonly serde: Pick<Serde, 'codec'>;
  readonly topics: TopicNames;
}

/** A topic as the output of a step: its codec, and the headers that all its records carry. */
function output<T extends AvroTopicId>(
  { serde, topics }: Wires,
  step: StepName,
  topic: T,
): OutputBinding<ValueOf<T>> {
  const headers = fixedHeaders(topic, `/castwatch/${step}`);
  return { topic: topics[topic], codec: serde.codec(topic), headers };
}

/** A topic as the input of a step. */
const input = <T extends AvroTopicId>(
  { serde, topics }: Wires,
  topic: T,
  role: InputBinding['role'],
): InputBinding<ValueOf<T>> => ({ topic: topics[topic], codec: serde.codec(topic), role });

export function validateProcessor(wires: Wires): Processor<ValidateInput, ValidateOutput, ValidateState> {
  const { definition, topics } = wires;
  return {
    step: validateStep(definition),
    inputs: {
      readings: input(wires, 'sensorReadings', 'stream'),
    },
    outputs: {
      validated: output(wires, 'validate', 'validatedReadings'),
      rejected: output(wires, 'validate', 'rejectedReadings'),
    },
    state: { codec: validateStateCodec(definition), changelog: topics.validateChangelog },
  };
}

export function featuresProcessor(wires: Wires): Processor<FeaturesInput, FeaturesOutput, FeaturesState> {
  const { definition, topics } = wires;
  return {
    step: featuresStep(definition),
    inputs: {
      readings: input(wires, 'validatedReadings', 'stream'),
      mes: input(wires, 'mesEvents', 'table'),
    },
    outputs: {
      features: output(wires, 'features', 'features'),
      rejected: output(wires, 'features', 'rejectedReadings'),
    },
    state: { codec: featuresStateCodec(definition), changelog: topics.featuresChangelog },
  };
}

/** @param current who answers, asked once per batch; without a champion, predictions are UNAVAILABLE */
export function predictProcessor(
  wires: Wires,
  current: () => Models,
): Processor<PredictInput, PredictOutput, undefined, Answered> {
  const { definition } = wires;
  return {
    step: predictStep(definition, current),
    inputs: { features: input(wires, 'features', 'stream') },
    outputs: {
      predictions: output(wires, 'predict', 'predictions'),
      shadow: output(wires, 'predict', 'shadowPredictions'),
      binned: output(wires, 'predict', 'binnedRows'),
    },
  };
}

export function driftProcessor(
  wires: Wires,
  referenceOf: ReferenceOf,
): Processor<DriftInput, DriftOutput, DriftState> {
  const { definition, topics } = wires;
  return {
    step: driftStep(definition, referenceOf),
    inputs: { rows: input(wires, 'binnedRows', 'stream') },
    outputs: { drift: output(wires, 'drift', 'drift') },
    state: { codec: driftStateCodec(), changelog: topics.driftChangelog },
  };
}

/** Labels are a table, so that they are seen before predictions are so old that they are given up. */
export function qualityProcessor(wires: Wires): Processor<QualityInput, QualityOutput, QualityState> {
  const { definition, topics } = wires;
  return {
    step: qualityStep(definition),
    inputs: {
      predictions: input(wires, 'predictions', 'stream'),
      labels: input(wires, 'qualityLabels', 'table'),
    },
    outputs: {
      judged: output(wires, 'quality', 'judgedPredictions'),
      quality: output(wires, 'quality', 'liveQuality'),
    },
    state: { codec: qualityStateCodec(), changelog: topics.qualityChangelog },
  };
}

export function alertProcessor(wires: Wires): Processor<AlertInput, AlertOutput, AlertState> {
  const { definition, topics } = wires;
  return {
    step: alertStep(definition),
    inputs: {
      predictions: input(wires, 'predictions', 'stream'),
      drift: input(wires, 'drift', 'stream'),
      quality: input(wires, 'liveQuality', 'stream'),
    },
    outputs: { alerts: output(wires, 'alert', 'alerts') },
    state: { codec: alertStateCodec(), changelog: topics.alertChangelog },
  };
}
