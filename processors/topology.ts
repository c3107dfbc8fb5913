/**
 * The one place that names the steps and says how they are connected. The runtimes on Kafka and in memory, the metrics, the
 * checks and the generated pages all follow from it. Whether a topic is stored is stated in `schemas/catalogue.ts`.
 */
import { avroTopicIds, type TopicId } from '../schemas/catalogue.ts';
import { alertStateCodec, largestAlertState } from './alert/state.ts';
import { alertStep, type AlertStep } from './alert/step.ts';
import { driftStateCodec, largestDriftState } from './drift/state.ts';
import { driftStep, type DriftStep } from './drift/step.ts';
import { featuresStateCodec, largestFeaturesState } from './features/state.ts';
import { featuresStep, type FeaturesStep } from './features/step.ts';
import { largestQualityState } from './live-quality/bounds.ts';
import { qualityStateCodec } from './live-quality/state.ts';
import { qualityStep, type QualityStep } from './live-quality/step.ts';
import { predictStep, type PredictStep } from './predict/step.ts';
import type { EntryOf, StepEntry } from './step-entry.ts';
import { validateStateCodec, largestValidateState } from './validate/state.ts';
import { validateStep, type ValidateStep } from './validate/step.ts';

/**
 * The steps in the order that data flows. A key is the step's name in consumer groups, transactional ids, record headers,
 * dead letters and flags. A renamed step starts without its state and its offsets.
 */
export const topology = {
  validate: {
    create: validateStep,
    inputs: { readings: { topic: 'sensorReadings', role: 'stream' } },
    outputs: { validated: 'validatedReadings', rejected: 'rejectedReadings' },
    state: {
      codec: validateStateCodec,
      changelog: 'validateChangelog',
      largest: largestValidateState,
      sizedBy: 'the number of tags and their anomaly.window',
    },
    commitInterval: 50,
  } as const satisfies EntryOf<ValidateStep>,

  features: {
    create: featuresStep,
    inputs: {
      readings: { topic: 'validatedReadings', role: 'stream' },
      mes: { topic: 'mesEvents', role: 'table' },
    },
    outputs: { features: 'features', rejected: 'rejectedReadings' },
    state: {
      codec: featuresStateCodec,
      changelog: 'featuresChangelog',
      largest: largestFeaturesState,
      sizedBy:
        'the longest of features.windows and features.sequence, divided by time.period, and the number of tags',
    },
    commitInterval: 50,
    chainedTo: 'validate',
  } as const satisfies EntryOf<FeaturesStep>,

  predict: {
    create: (definition, { current }) => predictStep(definition, current),
    inputs: { features: { topic: 'features', role: 'stream' } },
    outputs: { predictions: 'predictions', shadow: 'shadowPredictions', binned: 'binnedRows' },
    // Each row is answered by itself.
    onGap: 'go-on',
    commitInterval: 25,
  } as const satisfies EntryOf<PredictStep>,

  // Drift and quality commit once a second. Their results are not urgent, and fewer transactions leave more of the broker's
  // time to the urgent steps.
  drift: {
    create: (definition, { referenceOf }) => driftStep(definition, referenceOf),
    inputs: { rows: { topic: 'binnedRows', role: 'stream' } },
    outputs: { drift: 'drift' },
    state: {
      codec: driftStateCodec,
      changelog: 'driftChangelog',
      largest: largestDriftState,
      sizedBy: 'the number of features, and drift.window divided by drift.hop',
    },
    // A window with fewer rows says so by its number of rows.
    onGap: 'go-on',
    commitInterval: 1_000,
  } as const satisfies EntryOf<DriftStep>,

  // The folder of this step is live-quality/; its name on Kafka is `quality`. Labels are a table, so that the step reads
  // them before it gives up on old predictions.
  quality: {
    create: qualityStep,
    inputs: {
      predictions: { topic: 'predictions', role: 'stream' },
      labels: { topic: 'qualityLabels', role: 'table' },
    },
    outputs: { judged: 'judgedPredictions', quality: 'liveQuality' },
    state: {
      codec: qualityStateCodec,
      changelog: 'qualityChangelog',
      largest: largestQualityState,
      sizedBy: 'quality.retention, divided by features.hop',
    },
    commitInterval: 1_000,
  } as const satisfies EntryOf<QualityStep>,

  alert: {
    create: alertStep,
    inputs: {
      predictions: { topic: 'predictions', role: 'stream' },
      drift: { topic: 'drift', role: 'stream' },
      quality: { topic: 'liveQuality', role: 'stream' },
    },
    outputs: { alerts: 'alerts' },
    state: {
      codec: alertStateCodec,
      changelog: 'alertChangelog',
      largest: largestAlertState,
      sizedBy: 'the number of alerts',
    },
    commitInterval: 25,
    chainedTo: 'predict',
  } as const satisfies EntryOf<AlertStep>,
};

export type StepName = keyof typeof topology;
type Entries = typeof topology;
type Inputs<Entry> = Entry extends { readonly inputs: infer All } ? All[keyof All] : never;
type Topics<Entry> = Entry extends { readonly outputs: infer All } ? All[keyof All] : never;
/** A topic that steps write records to. */
export type OutputTopic = Topics<Entries[StepName]>;
/** A topic that steps read or write. */
export type FlowTopic = Inputs<Entries[StepName]>['topic'] | OutputTopic;
/** A topic that steps read and no step writes. */
export type SourceTopic = Exclude<FlowTopic, OutputTopic>;

interface AnyEntry extends StepEntry {
  readonly inputs: Readonly<Record<string, { readonly topic: FlowTopic; readonly role: 'stream' | 'table' }>>;
  readonly outputs: Readonly<Record<string, OutputTopic>>;
  readonly chainedTo?: StepName;
}

/** The same entries, for code that treats all steps alike. */
export const entries: Readonly<Record<StepName, AnyEntry>> = topology;

/** All steps, in the order that data flows. */
export const stepNames = Object.keys(topology) as readonly StepName[];

/** The topics that steps write records to, in the catalogue's order. */
export const outputTopics: readonly OutputTopic[] = avroTopicIds.filter(
  (id): id is OutputTopic => stepsWriting(id).length > 0,
);

/** The topics that steps read and no step writes, in the catalogue's order. */
export const sourceTopics: readonly SourceTopic[] = avroTopicIds.filter(
  (id): id is SourceTopic => stepsReading(id).length > 0 && stepsWriting(id).length === 0,
);

/** Makes a record with one value for each topic that steps write. */
export const perOutput = <Thing>(make: (topic: OutputTopic) => Thing): Readonly<Record<OutputTopic, Thing>> =>
  Object.fromEntries(outputTopics.map((topic) => [topic, make(topic)])) as Record<OutputTopic, Thing>;

export function inputTopics(step: StepName): readonly TopicId[] {
  return Object.values(entries[step].inputs).map(({ topic }) => topic);
}

/** The first stream that a step reads; it keeps the step busy. */
export function mainInput(step: StepName): TopicId {
  const found = Object.values(entries[step].inputs).find(({ role }) => role === 'stream');
  if (found === undefined) throw new Error(`the step ${step} reads no stream`);
  return found.topic;
}

export function stepsReading(topic: TopicId): readonly StepName[] {
  return stepNames.filter((step) => inputTopics(step).includes(topic));
}

/** The steps that write records or their state to the topic. */
export function stepsWriting(topic: TopicId): readonly StepName[] {
  const writes = ({ outputs, state }: StepEntry): boolean =>
    Object.values<TopicId>(outputs).includes(topic) || state?.changelog === topic;
  return stepNames.filter((step) => writes(entries[step]));
}
