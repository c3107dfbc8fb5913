/** Works out what the topics and tables should contain: runs the same steps in memory over the input records on Kafka. */
import { referencesOf } from '../models/bundle/reference-lookup.ts';
import { runOffline, type OfflineRecord, type OfflineSinks } from '../processors/offline.ts';
import {
  perOutput,
  sourceTopics,
  stepsReading,
  stepsWriting,
  type OutputTopic,
  type SourceTopic,
} from '../processors/topology.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import { TableComparison } from '../sinks/timescale/queries/compare.ts';
import { storedTopics, topics, type StoredTopic, type TopicId } from '../schemas/catalogue.ts';
import type { ValueOf } from '../schemas/values.ts';
import type { Kafka } from '../roles/connections.ts';
import type { Answerers } from './answerers.ts';
import { Multiset } from './multiset.ts';
import type { Lacks } from './lacks.ts';
import { decodeTopic } from './read-topic.ts';
import type { Scope } from './scope.ts';

/** A reading on its topic; `identity` is undefined for bytes that cannot be decoded. */
export interface InputReading {
  readonly partition: number;
  readonly position: string;
  readonly identity: string | undefined;
}

export interface Oracle {
  /** The records that each topic should contain. */
  readonly topics: Readonly<Record<OutputTopic, Multiset>>;
  readonly tables: TableComparison;
  /** Readings that validation has had. */
  readonly readings: readonly InputReading[];
}

/** What is left out because records were deleted. */
export interface LeftOut {
  readonly scope: Scope;
  readonly lacks: Lacks;
}

export const positionOf = (partition: number, offset: number): string => `${partition}@${offset}`;

export const identityOf = (reading: {
  asset: string;
  source: string;
  sequence: number;
  eventTime: number;
}): string => `${reading.asset} ${reading.source} ${reading.sequence} ${reading.eventTime}`;

/** Computes the value at most once, when it is asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

const isOutput = (topic: TopicId): topic is OutputTopic => stepsWriting(topic).length > 0;
const isStored = (topic: TopicId): topic is StoredTopic => topics[topic].stored === true;

export async function runOracle(
  kafka: Pick<Kafka, 'transport' | 'serde' | 'topics'>,
  definition: ProcessDefinition,
  answerers: Answerers,
  modelsFolder: string,
  leftOut: LeftOut,
): Promise<Oracle> {
  const { scope, lacks } = leftOut;
  const multisets = perOutput(() => new Multiset());
  const tables = new TableComparison();
  const readings: InputReading[] = [];
  const sinks: OfflineSinks = {
    record(topic, value) {
      const bytes = once(() => kafka.serde.codec(topic).encode(value));
      if (isOutput(topic)) {
        const extent = scope.topic(topic, scope.partitionOf(value.asset));
        if (extent === 'all') multisets[topic].expect(bytes());
        else if (extent === 'found') multisets[topic].allow(bytes());
      }
      if (!isStored(topic) || lacks.takeUnstored(topic, bytes)) return;
      // The value is one of this topic, which is stored.
      const extent = scope.table(topic, value.asset);
      if (extent !== 'nothing')
        tables.expect<StoredTopic>(topic, value as ValueOf<StoredTopic>, extent === 'found');
    },
    lacks(step, topic, value, { partition = 0, offset = 0 }) {
      return (
        lacks.input(step, topic, partition, offset) ||
        lacks.output(step, topic, () => kafka.serde.codec(topic).encode(value))
      );
    },
  };
  const records = inputs(kafka, readings, lacks);
  const referenceOf = referencesOf(definition.process, undefined, modelsFolder);
  await runOffline({ definition, predictor: (row) => answerers.of(row), referenceOf, records, sinks });
  await expectOthers(kafka, tables, leftOut);
  return { topics: multisets, tables, readings };
}

/**
 * Stored topics that no step reads or writes. Operators' decisions and reports of instances do not follow from the data,
 * so the tables must contain what the topics contain.
 */
async function expectOthers(
  { transport, serde, topics }: Pick<Kafka, 'transport' | 'serde' | 'topics'>,
  tables: TableComparison,
  { scope, lacks }: LeftOut,
): Promise<void> {
  for (const topic of storedTopics) {
    if (stepsReading(topic).length + stepsWriting(topic).length > 0) continue;
    for await (const batch of decodeTopic(transport, topics[topic], serde.codec(topic)))
      for (const { key, value } of batch) {
        if (value === null || lacks.takeUnstored(topic, () => serde.codec(topic).encode(value))) continue;
        const extent = scope.table(topic, key);
        if (extent !== 'nothing') tables.expect<StoredTopic>(topic, value, extent === 'found');
      }
  }
}

/** Readings last: the results are the same if all MES events and labels come before all readings. */
async function* inputs(
  kafka: Pick<Kafka, 'transport' | 'serde' | 'topics'>,
  readings: InputReading[],
  lacks: Lacks,
): AsyncGenerator<readonly OfflineRecord[]> {
  for (const topic of sourceTopics) if (topic !== 'sensorReadings') yield* decodable(kafka, topic);
  const { transport, topics, serde } = kafka;
  for await (const batch of decodeTopic(transport, topics.sensorReadings, serde.codec('sensorReadings'))) {
    for (const { partition, offset, value } of batch) {
      if (lacks.input('validate', 'sensorReadings', partition, offset)) continue;
      const identity = value === null ? undefined : identityOf(value);
      readings.push({ partition, position: positionOf(partition, offset), identity });
    }
    yield batch.map((record) => ({ topic: 'sensorReadings' as const, ...record }));
  }
}

async function* decodable<T extends Exclude<SourceTopic, 'sensorReadings'>>(
  { transport, serde, topics }: Pick<Kafka, 'transport' | 'serde' | 'topics'>,
  topic: T,
): AsyncGenerator<readonly OfflineRecord<T>[]> {
  for await (const batch of decodeTopic(transport, topics[topic], serde.codec(topic)))
    // Topic and value belong together by the catalogue.
    yield batch
      .filter(({ value }) => value !== null)
      .map((record) => ({ topic, ...record }) as OfflineRecord<T>);
}
