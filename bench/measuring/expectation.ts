/** Computes with the offline oracle what the steps must give for a dataset, and checks that topics hold exactly that. */
import { hash } from 'node:crypto';
import { Multiset, type MultisetDifference } from '../../proof/multiset.ts';
import { readTopic } from '../../proof/read-topic.ts';
import type { Kafka } from '../../roles/connections.ts';
import { featuresOffline, type OfflineRecord } from '../../processors/offline.ts';
import type { FeatureRow } from '../../schemas/generated/types.ts';
import { framing } from '../../schemas/avro/codec.ts';
import type { Serde } from '../../schemas/registry/serde.ts';
import { type Codec, partitionForKey } from '../../stream/index.ts';
import { inputRecords, type InputOptions } from './encoded-dataset.ts';

export const checkedTopics = ['validatedReadings', 'rejectedReadings', 'features'] as const;
export type CheckedTopic = (typeof checkedTopics)[number];

/** The fingerprint of an output, and the record that caused it. */
interface Expected {
  readonly cause: number;
  readonly print: Buffer;
}

/** Fingerprint of everything but the schema id, which the schema registry assigns. */
const fingerprint = (bytes: Buffer): Buffer => hash('md5', bytes.subarray(framing), 'buffer');

export interface Expectation {
  readonly records: number;
  /** Expected outputs for the first input records. */
  of(topic: CheckedTopic, first: number): Multiset;
  count(topic: CheckedTopic, first: number): number;
}

export interface ExpectationOptions extends InputOptions {
  readonly partitions: number;
  /**
   * A backlog is put on the topic in transactions that end before these records: the marker that ends one takes an
   * offset in each partition, and rejections name offsets.
   */
  readonly markersBefore: readonly number[];
}

export async function expectationOf(options: ExpectationOptions, serde: Serde): Promise<Expectation> {
  const found: Record<CheckedTopic, Expected[]> = {
    validatedReadings: [],
    rejectedReadings: [],
    features: [],
  };
  const codecs = {
    validated: serde.codec('validatedReadings'),
    rejected: serde.codec('rejectedReadings'),
    features: serde.codec('features'),
  };
  let cause = -1;
  const expect = (topic: CheckedTopic, bytes: Buffer): void => {
    found[topic].push({ cause, print: fingerprint(bytes) });
  };
  await featuresOffline({
    definition: options.definition,
    records: positioned(options, () => cause++),
    sinks: {
      validatedReadings: (value) => {
        expect('validatedReadings', codecs.validated.encode(value));
      },
      rejectedReadings: (value) => {
        expect('rejectedReadings', codecs.rejected.encode(value));
      },
      features: (value) => {
        expect('features', canonicalRow(codecs.features, value));
      },
    },
  });
  const upTo = (topic: CheckedTopic, first: number): readonly Expected[] =>
    found[topic].filter((each) => each.cause < first);
  return {
    records: options.count,
    of(topic, first) {
      const all = new Multiset();
      for (const { print } of upTo(topic, first)) all.expect(print);
      return all;
    },
    count: (topic, first) => upTo(topic, first).length,
  };
}

/** Gives the records one by one, with the offsets at which the load generator puts them. */
async function* positioned(
  options: ExpectationOptions,
  next: () => void,
): AsyncGenerator<readonly OfflineRecord[]> {
  const offsets = new Map<number, number>();
  let index = 0;
  for await (const record of inputRecords(options)) {
    if (options.markersBefore.includes(index))
      for (const [partition, offset] of offsets) offsets.set(partition, offset + 1);
    index++;
    next();
    if (record.topic === 'mesEvents') {
      yield [record];
      continue;
    }
    const partition = partitionForKey(record.value.asset, options.partitions);
    const offset = offsets.get(partition) ?? 0;
    offsets.set(partition, offset + 1);
    yield [{ ...record, partition, offset }];
  }
}

/** No library guarantees the bits of NaN, so all NaN values count as equal. */
function canonicalRow(codec: Codec<FeatureRow>, row: FeatureRow): Buffer {
  return codec.encode({ ...row, values: row.values.map((value) => (Number.isNaN(value) ? NaN : value)) });
}

export interface TopicCheck extends MultisetDifference {
  readonly topic: CheckedTopic;
  readonly agrees: boolean;
}

/** Compares every committed record of the outputs with the oracle, byte for byte. */
export async function checkOutputs(
  kafka: Pick<Kafka, 'transport' | 'serde' | 'topics'>,
  expectation: Expectation,
  first: number,
): Promise<readonly TopicCheck[]> {
  const checks: TopicCheck[] = [];
  const rows = kafka.serde.codec('features');
  for (const topic of checkedTopics) {
    const expected = expectation.of(topic, first);
    for await (const { records } of readTopic(kafka.transport, kafka.topics[topic])) {
      const values = records.flatMap(({ value }) => (value === null ? [] : [value]));
      if (topic === 'features') await rows.prepare?.(values);
      for (const value of values) {
        const bytes = topic === 'features' ? canonicalRow(rows, rows.decode(value)) : value;
        expected.find(fingerprint(bytes));
      }
    }
    const difference = expected.difference();
    const { lost, duplicates, unexpected } = difference;
    checks.push({ topic, ...difference, agrees: lost + duplicates + unexpected === 0 });
  }
  return checks;
}
