/**
 * Runs the same steps in memory, without codecs, clock or broker. This is the oracle that streaming results are compared
 * with, and it makes the training data. Results are handed over by callback, so millions of scans need no more memory
 * than the states of the assets.
 */
import type { ProcessDefinition } from '../processes/schema.ts';
import type { FeatureRow } from '../schemas/generated/types.ts';
import type { ValueOf } from '../schemas/values.ts';
import type { ReferenceOf } from './reference/reference.ts';
import { OfflineRun, type AnyStep, type Place, type Sink } from './offline-run.ts';
import { predictByRow } from './predict/by-row.ts';
import { championAlone, type Models, type Predictor } from './predict/predictor.ts';
import { withoutModels } from './step-entry.ts';
import { entries, stepNames, type FlowTopic, type SourceTopic, type StepName } from './topology.ts';

interface Published {
  /** The Kafka record's timestamp, ms since the epoch. */
  readonly timestamp: number;
  /** Default: the asset. */
  readonly key?: string;
  /** Partition and offset of a record that comes from Kafka; rejections name them. Default: partition 0, counted offsets. */
  readonly partition?: number;
  readonly offset?: number;
}

interface Valued<T extends FlowTopic> extends Published {
  readonly topic: T;
  readonly value: ValueOf<T> | (T extends 'sensorReadings' ? null : never);
}
type Given = SourceTopic | 'validatedReadings';
type ByTopic = { readonly [T in Given]: Valued<T> };

/**
 * A record as sources publish it, or a reading that validation has accepted before. A null value stands for bytes that
 * cannot be decoded; it is skipped.
 */
export type OfflineRecord<T extends Given = Given> = ByTopic[T];

/**
 * Batches of records. Each asset's records must be in the order of publication. MES events must come before the readings
 * that they concern; all MES events may come first.
 */
export type OfflineRecords = AsyncIterable<readonly OfflineRecord[]> | Iterable<readonly OfflineRecord[]>;

/**
 * Called for each record on a topic, including records from outside, in the order of processing. `timestamp` is the Kafka
 * record's, in ms since the epoch.
 */
type TopicSinks = { readonly [T in FlowTopic]?: (value: ValueOf<T>, timestamp: number) => void };

export interface OfflineSinks extends TopicSinks {
  /** Called for each record on any topic. */
  readonly record?: (topic: FlowTopic, value: ValueOf<FlowTopic>, timestamp: number) => void;
  /** Called before a step gets a record; returns whether it did not get it, because the record was deleted. Default: it got all. */
  readonly lacks?: (step: StepName, topic: FlowTopic, value: ValueOf<FlowTopic>, place: Place) => boolean;
  /** Called when a step drops a record, with the step's reason. */
  dropped?(step: StepName, reason: string): void;
  /** @param record the record from outside that caused the dead letter */
  deadLetter?(step: StepName, reason: string, detail: string, record: OfflineRecord): void;
}

export interface OfflineOptions {
  readonly definition: ProcessDefinition;
  readonly records: OfflineRecords;
  readonly sinks: OfflineSinks;
}

/** Runs validate and features, as training needs them. Other inputs, such as labels, only go to their sinks. */
export async function featuresOffline(options: OfflineOptions): Promise<void> {
  const { definition } = options;
  const names = ['validate', 'features'] as const;
  await run(options, new Map(names.map((name) => [name, entries[name].create(definition, withoutModels)])));
}

/** The models that answer: one bundle for all rows, none, or models chosen for each row. */
export type Answerer = Predictor | undefined | ((row: FeatureRow) => Models);

export interface WholeOptions extends OfflineOptions {
  readonly predictor: Answerer;
  /** Looks up a bundle's reference. Without it, drift is reported as NO_REFERENCE. */
  readonly referenceOf?: ReferenceOf;
}

/** Runs all steps. Without a predictor the predictions are UNAVAILABLE, as they are on Kafka. */
export async function runOffline(options: WholeOptions): Promise<void> {
  const { definition, predictor, referenceOf = withoutModels.referenceOf } = options;
  const fixed = championAlone(typeof predictor === 'function' ? undefined : predictor);
  const modelsFor = typeof predictor === 'function' ? predictor : () => fixed;
  const models = { ...withoutModels, referenceOf };
  const steps = new Map<StepName, AnyStep>(
    stepNames.map((name) => [name, entries[name].create(definition, models)]),
  );
  await run(options, steps.set('predict', predictByRow(definition, modelsFor)));
}

async function run({ records, sinks }: OfflineOptions, steps: ReadonlyMap<StepName, AnyStep>): Promise<void> {
  const { lacks } = sinks;
  const offline = new OfflineRun<OfflineRecord>(steps, {
    sinkOf(topic) {
      const { record } = sinks;
      // The topology has checked that a topic only carries values of its own type.
      const sink = sinks[topic] as Sink | undefined;
      if (record === undefined) return sink;
      return (value, timestamp) => {
        sink?.(value, timestamp);
        record(topic, value as ValueOf<FlowTopic>, timestamp);
      };
    },
    refused(step, outcome, record) {
      if (outcome.kind === 'drop') sinks.dropped?.(step, outcome.reason);
      else sinks.deadLetter?.(step, outcome.reason, outcome.detail, record);
    },
    ...(lacks && {
      lacks: (step, topic, value, place) => lacks(step, topic, value as ValueOf<FlowTopic>, place),
    }),
  });
  for await (const batch of records)
    for (const record of batch) {
      const { topic, value, timestamp } = record;
      if (value === null) continue;
      offline.put(topic, value, record.key ?? value.asset, timestamp, record, record);
      if (offline.isFull) await offline.flush();
    }
  await offline.flush();
}
