/** What the topics and tables should hold: the same steps, run in memory over the records as they lie on Kafka. */
import { referencesOf } from '../models/bundle/reference-lookup.ts';
import { runOffline, type OfflineRecord, type OfflineSinks } from '../processors/offline.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import { TableComparison } from '../sinks/timescale/queries/compare.ts';
import type { SinkTopic } from '../sinks/timescale/tables/tables.ts';
import type { ValueOf } from '../schemas/values.ts';
import type { Kafka } from '../roles/connections.ts';
import type { Answerers } from './answerers.ts';
import { Multiset } from './multiset.ts';
import { decodeTopic } from './read-topic.ts';

/** The topics that steps write. */
export const outputTopics = [
  'validatedReadings',
  'rejectedReadings',
  'features',
  'predictions',
  'shadowPredictions',
  'binnedRows',
  'drift',
  'judgedPredictions',
  'liveQuality',
  'alerts',
] as const;
export type OutputTopic = (typeof outputTopics)[number];

/** A reading as it lies on its topic; `identity` is undefined for bytes that cannot be decoded. */
export interface InputReading {
  readonly position: string;
  readonly identity: string | undefined;
}

export interface Oracle {
  readonly topics: Readonly<Record<OutputTopic, Multiset>>;
  readonly tables: TableComparison;
  readonly readings: readonly InputReading[];
}

export const positionOf = (partition: number, offset: number): string => `${partition}@${offset}`;

export const identityOf = (reading: {
  asset: string;
  source: string;
  sequence: number;
  eventTime: number;
}): string => `${reading.asset} ${reading.source} ${reading.sequence} ${reading.eventTime}`;

export async function runOracle(
  kafka: Pick<Kafka, 'transport' | 'serde' | 'topics'>,
  definition: ProcessDefinition,
  answerers: Answerers,
  modelsFolder: string,
): Promise<Oracle> {
  const topics = {
    validatedReadings: new Multiset(),
    rejectedReadings: new Multiset(),
    features: new Multiset(),
    predictions: new Multiset(),
    shadowPredictions: new Multiset(),
    binnedRows: new Multiset(),
    drift: new Multiset(),
    judgedPredictions: new Multiset(),
    liveQuality: new Multiset(),
    alerts: new Multiset(),
  };
  const tables = new TableComparison();
  const readings: InputReading[] = [];
  const expectIn = <T extends OutputTopic & SinkTopic>(topic: T): ((value: ValueOf<T>) => void) => {
    const codec = kafka.serde.codec(topic);
    return (value) => {
      topics[topic].expect(codec.encode(value));
      tables.expect<SinkTopic>(topic, value);
    };
  };
  const sinks: OfflineSinks = {
    validated: expectIn('validatedReadings'),
    rejected: expectIn('rejectedReadings'),
    features: expectIn('features'),
    predictions: expectIn('predictions'),
    shadow: expectIn('shadowPredictions'),
    binned: (value) => {
      topics.binnedRows.expect(kafka.serde.codec('binnedRows').encode(value));
    },
    drift: expectIn('drift'),
    judged: expectIn('judgedPredictions'),
    quality: expectIn('liveQuality'),
    alerts: expectIn('alerts'),
    labels: (value) => {
      tables.expect('qualityLabels', value);
    },
  };
  const records = inputs(kafka, tables, readings);
  const referenceOf = referencesOf(definition.process, undefined, modelsFolder);
  await runOffline({ definition, predictor: (row) => answerers.of(row), referenceOf, records, sinks });
  await expectRegistry(kafka, tables);
  return { topics, tables, readings };
}

/** What people decided and what instances tell does not follow from the data: the tables hold what the topics do. */
async function expectRegistry(
  { transport, serde, topics }: Pick<Kafka, 'transport' | 'serde' | 'topics'>,
  tables: TableComparison,
): Promise<void> {
  for (const topic of ['models', 'modelEvents'] as const)
    for await (const batch of decodeTopic(transport, topics[topic], serde.codec(topic)))
      for (const { value } of batch) if (value !== null) tables.expect<SinkTopic>(topic, value);
}

/** MES events first, which is as good as each before the readings that it concerns. */
async function* inputs(
  { transport, serde, topics }: Pick<Kafka, 'transport' | 'serde' | 'topics'>,
  tables: TableComparison,
  readings: InputReading[],
): AsyncGenerator<readonly OfflineRecord[]> {
  for await (const batch of decodeTopic(transport, topics.mesEvents, serde.codec('mesEvents'))) {
    const records = batch.flatMap(({ value, ...rest }) =>
      value === null ? [] : [{ topic: 'mesEvents' as const, value, ...rest }],
    );
    for (const { value } of records) tables.expect('mesEvents', value);
    yield records;
  }
  for await (const batch of decodeTopic(transport, topics.qualityLabels, serde.codec('qualityLabels'))) {
    yield batch.flatMap(({ value, timestamp }) =>
      value === null ? [] : [{ topic: 'qualityLabels' as const, value, timestamp }],
    );
  }
  for await (const batch of decodeTopic(transport, topics.sensorReadings, serde.codec('sensorReadings'))) {
    for (const { partition, offset, value } of batch) {
      const identity = value === null ? undefined : identityOf(value);
      readings.push({ position: positionOf(partition, offset), identity });
    }
    yield batch.map((record) => ({ topic: 'sensorReadings' as const, ...record }));
  }
}
