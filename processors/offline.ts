/**
 * The same steps, chained in memory: the oracle that streaming results are compared with, and the maker of
 * training data. No codecs, no clock, no broker; results stream out by callback, so that millions of scans
 * need no more memory than the assets' states.
 */
import type { ProcessDefinition } from '../processes/schema.ts';
import type {
  FeatureRow,
  MesEvent,
  QualityLabel,
  RejectedReading,
  SensorReading,
  ShadowPrediction,
  ValidatedReading,
} from '../schemas/generated/types.ts';
import type { Outcome } from '../stream/index.ts';
import type { ReferenceOf } from './reference/reference.ts';
import { featuresStep } from './features/step.ts';
import { Runner, stepRecord } from './offline-runner.ts';
import { watchPipeline, type Watch, type WatchSinks } from './offline-watch.ts';
import { championAlone, type Models, type Predictor } from './predict/predictor.ts';
import { predictStep } from './predict/step.ts';
import { validateStep } from './validate/step.ts';

interface Published {
  /** Of the Kafka record, ms since the epoch. */
  readonly timestamp: number;
  /** Where it lies on its topic, if it has been there; rejections name it. Default: partition 0, counting. */
  readonly partition?: number;
  readonly offset?: number;
}

/**
 * A record as sources publish it, or a reading that validation has let through before. A null value stands for bytes
 * that cannot be decoded, and is passed over.
 */
export type OfflineRecord =
  | (Published & {
      readonly topic: 'sensorReadings';
      readonly value: SensorReading | null;
      readonly key?: string;
    })
  | (Published & { readonly topic: 'validatedReadings'; readonly value: ValidatedReading })
  | (Published & { readonly topic: 'mesEvents'; readonly value: MesEvent; readonly key?: string })
  | (Published & { readonly topic: 'qualityLabels'; readonly value: QualityLabel });

/**
 * Batches in causal order: per asset as published, MES events before the readings that they concern (all of
 * them first is as good).
 */
export type OfflineRecords = AsyncIterable<readonly OfflineRecord[]> | Iterable<readonly OfflineRecord[]>;

/** Called in the order of processing; `timestamp` is that of the Kafka record. */
export interface FeatureSinks {
  validated?(value: ValidatedReading, timestamp: number): void;
  rejected?(value: RejectedReading, timestamp: number): void;
  features?(value: FeatureRow, timestamp: number): void;
  labels?(value: QualityLabel, timestamp: number): void;
  /** A record that a step did not take in, by its own reasons. */
  dropped?(step: string, reason: string): void;
  deadLetter?(step: string, reason: string, detail: string, record: OfflineRecord): void;
}

export interface OfflineSinks extends FeatureSinks, WatchSinks {
  shadow?(value: ShadowPrediction, timestamp: number): void;
}

export interface OfflineOptions<Sinks> {
  readonly definition: ProcessDefinition;
  readonly records: OfflineRecords;
  readonly sinks: Sinks;
}

/** So many rows are put to the predictor at once. */
const rowsPerBatch = 256;

/** Validate and features, as training needs them. */
export async function featuresOffline({
  definition,
  records,
  sinks,
}: OfflineOptions<FeatureSinks>): Promise<void> {
  const pipeline = featuresPipeline(definition, sinks, (row, timestamp) => sinks.features?.(row, timestamp));
  for await (const batch of records) for (const record of batch) pipeline(record);
}

/** Who answers: one bundle for all rows, nobody, or for each row whoever did. */
export type Answerer = Predictor | undefined | ((row: FeatureRow) => Models);

export interface WholeOptions extends OfflineOptions<OfflineSinks> {
  readonly predictor: Answerer;
  /** What bundles were trained on; drift is reported as NO_REFERENCE without. */
  readonly referenceOf?: ReferenceOf;
}

/** All steps. Without a predictor the predictions are UNAVAILABLE, as they are on Kafka. */
export async function runOffline(options: WholeOptions): Promise<void> {
  const { definition, records, sinks, predictor, referenceOf = () => undefined } = options;
  const watch = watchPipeline(definition, sinks, referenceOf);
  const rows: { row: FeatureRow; timestamp: number }[] = [];
  const pipeline = featuresPipeline(definition, sinks, (row, timestamp) => {
    sinks.features?.(row, timestamp);
    rows.push({ row, timestamp });
  });
  const predict = predictPipeline(definition, sinks, watch, predictor);
  for await (const batch of records)
    for (const record of batch) {
      pipeline(record);
      if (record.topic === 'qualityLabels') watch.label(record.value, record.timestamp);
      if (rows.length >= rowsPerBatch) await predict(rows.splice(0));
    }
  await predict(rows);
}

type RowTaker = (row: FeatureRow, timestamp: number) => void;

function featuresPipeline(
  definition: ProcessDefinition,
  sinks: FeatureSinks,
  onRow: RowTaker,
): (record: OfflineRecord) => void {
  const validate = new Runner(validateStep(definition));
  const features = new Runner(featuresStep(definition));
  let counted = 0;

  function takeFeatures(outcome: ReturnType<typeof features.run>, record: OfflineRecord): void {
    if (outcome.kind !== 'emit') {
      refused('features', outcome, record);
      return;
    }
    for (const { to, value, timestamp } of outcome.records)
      if (to === 'features') onRow(value, timestamp);
      else sinks.rejected?.(value, timestamp);
  }

  function takeReading(reading: SensorReading, record: OfflineRecord & { readonly key?: string }): void {
    const { timestamp, partition, offset } = record;
    const input = { from: 'readings', value: reading } as const;
    const key = record.key ?? reading.asset;
    const outcome = validate.run(
      stepRecord(input, key, timestamp, partition, offset ?? counted++),
      undefined,
    );
    if (outcome.kind !== 'emit') {
      refused('validate', outcome, record);
      return;
    }
    for (const output of outcome.records) {
      if (output.to === 'rejected') {
        sinks.rejected?.(output.value, output.timestamp);
        continue;
      }
      takeValidated(output.value, output.timestamp, record);
    }
  }

  function takeValidated(value: ValidatedReading, timestamp: number, record: OfflineRecord): void {
    sinks.validated?.(value, timestamp);
    const input = { from: 'readings', value } as const;
    takeFeatures(features.run(stepRecord(input, value.asset, timestamp), undefined), record);
  }

  function refused(step: string, outcome: Exclude<Outcome, { kind: 'emit' }>, record: OfflineRecord): void {
    if (outcome.kind === 'drop') sinks.dropped?.(step, outcome.reason);
    else sinks.deadLetter?.(step, outcome.reason, outcome.detail, record);
  }

  return (record) => {
    switch (record.topic) {
      case 'sensorReadings':
        if (record.value !== null) takeReading(record.value, record);
        return;
      case 'validatedReadings':
        takeValidated(record.value, record.timestamp, record);
        return;
      case 'mesEvents': {
        const input = { from: 'mes', value: record.value } as const;
        takeFeatures(
          features.run(stepRecord(input, record.key ?? record.value.asset, record.timestamp), undefined),
          record,
        );
        return;
      }
      case 'qualityLabels':
        sinks.labels?.(record.value, record.timestamp);
    }
  };
}

interface TimedRow {
  readonly row: FeatureRow;
  readonly timestamp: number;
}

function predictPipeline(
  definition: ProcessDefinition,
  sinks: OfflineSinks,
  watch: Watch,
  answerer: Answerer,
) {
  const fixed = championAlone(typeof answerer === 'function' ? undefined : answerer);
  const modelsFor = typeof answerer === 'function' ? answerer : (): Models => fixed;
  let models = fixed;
  const predict = predictStep(definition, () => models);

  function take(outcome: ReturnType<typeof predict.process>): void {
    if (outcome.kind !== 'emit') return;
    for (const output of outcome.records)
      if (output.to === 'predictions') watch.prediction(output.value, output.timestamp);
      else if (output.to === 'binned') watch.binned(output.value, output.timestamp);
      else sinks.shadow?.(output.value, output.timestamp);
  }

  return async (rows: readonly TimedRow[]): Promise<void> => {
    for (const run of runsOfEqual(rows, ({ row }) => modelsFor(row))) {
      models = run.of;
      const batch = run.items.map(({ row, timestamp }) =>
        stepRecord({ from: 'features', value: row } as const, row.asset, timestamp),
      );
      const extras = (await predict.prepare?.(batch)) ?? [];
      for (const [index, record] of batch.entries()) {
        const extra = extras[index];
        if (extra === undefined) throw new Error(`row ${index} of the batch has no answer`);
        take(predict.process(record, undefined, extra));
      }
    }
  };
}

/** Neighbours of which `of` gives the same thing. */
function runsOfEqual<T, K>(items: readonly T[], of: (item: T) => K): { of: K; items: T[] }[] {
  const runs: { of: K; items: T[] }[] = [];
  for (const item of items) {
    const key = of(item);
    const last = runs.at(-1);
    if (last?.of === key) last.items.push(item);
    else runs.push({ of: key, items: [item] });
  }
  return runs;
}
