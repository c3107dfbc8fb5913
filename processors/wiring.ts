/** Puts each step in its place on the topics: what the runtime runs. */
import type { ProcessDefinition } from '../processes/schema.ts';
import type { TopicNames } from '../schemas/catalogue.ts';
import type { Serde } from '../schemas/serde.ts';
import type { Processor } from '../stream/step.ts';
import { alertStateCodec, type AlertState } from './alert/state.ts';
import { alertStep, type AlertInput, type AlertOutput } from './alert/step.ts';
import { featuresStateCodec, type FeaturesState } from './features/state.ts';
import { featuresStep, type FeaturesInput, type FeaturesOutput } from './features/step.ts';
import type { Predictor } from './predict/predictor.ts';
import { predictStep, type Answered, type PredictInput, type PredictOutput } from './predict/step.ts';
import { validateStateCodec, type ValidateState } from './validate/state.ts';
import { validateStep, type ValidateInput, type ValidateOutput } from './validate/step.ts';

/** In the order that data flows. */
export const stepNames = ['validate', 'features', 'predict', 'alert'] as const;
export type StepName = (typeof stepNames)[number];

/** What every processor is wired with. */
export interface Wires {
  readonly definition: ProcessDefinition;
  readonly serde: Pick<Serde, 'codec'>;
  readonly topics: TopicNames;
}

export function validateProcessor({
  definition,
  serde,
  topics,
}: Wires): Processor<ValidateInput, ValidateOutput, ValidateState> {
  return {
    step: validateStep(definition),
    inputs: {
      readings: { topic: topics.sensorReadings, codec: serde.codec('sensorReadings'), role: 'stream' },
    },
    outputs: {
      validated: { topic: topics.validatedReadings, codec: serde.codec('validatedReadings') },
      rejected: { topic: topics.rejectedReadings, codec: serde.codec('rejectedReadings') },
    },
    state: { codec: validateStateCodec(definition), changelog: topics.validateChangelog },
  };
}

export function featuresProcessor({
  definition,
  serde,
  topics,
}: Wires): Processor<FeaturesInput, FeaturesOutput, FeaturesState> {
  return {
    step: featuresStep(definition),
    inputs: {
      readings: { topic: topics.validatedReadings, codec: serde.codec('validatedReadings'), role: 'stream' },
      mes: { topic: topics.mesEvents, codec: serde.codec('mesEvents'), role: 'table' },
    },
    outputs: {
      features: { topic: topics.features, codec: serde.codec('features') },
      rejected: { topic: topics.rejectedReadings, codec: serde.codec('rejectedReadings') },
    },
    state: { codec: featuresStateCodec(definition), changelog: topics.featuresChangelog },
  };
}

/** @param current asked once per batch; undefined gives UNAVAILABLE predictions */
export function predictProcessor(
  { definition, serde, topics }: Wires,
  current: () => Predictor | undefined,
): Processor<PredictInput, PredictOutput, undefined, Answered> {
  return {
    step: predictStep(definition, current),
    inputs: { features: { topic: topics.features, codec: serde.codec('features'), role: 'stream' } },
    outputs: { predictions: { topic: topics.predictions, codec: serde.codec('predictions') } },
  };
}

export function alertProcessor({
  definition,
  serde,
  topics,
}: Wires): Processor<AlertInput, AlertOutput, AlertState> {
  return {
    step: alertStep(definition),
    inputs: { predictions: { topic: topics.predictions, codec: serde.codec('predictions'), role: 'stream' } },
    outputs: { alerts: { topic: topics.alerts, codec: serde.codec('alerts') } },
    state: { codec: alertStateCodec(), changelog: topics.alertChangelog },
  };
}
