/**
 * What a check can compare when records were deleted. Topics have the same number of partitions and the same keys, so what
 * follows from a partition stays in the partition of that number: the others are compared in full.
 */
import {
  entries,
  outputTopics,
  sourceTopics,
  stepsReading,
  type FlowTopic,
  type StepName,
} from '../processors/topology.ts';
import type { Kafka } from '../roles/connections.ts';
import { topicIds, topics as catalogue, type TopicId } from '../schemas/catalogue.ts';
import { partitionForKey } from '../stream/index.ts';
import type { MissingRecords } from './missing-records.ts';

/** How much of a topic's partition, or of the rows of its keys, can be compared. `found`: what is there must be expected, but more may be expected. */
export type Extent = 'all' | 'found' | 'nothing';

/** A partition whose first records are deleted. */
export interface CutPartition {
  readonly topic: TopicId;
  readonly partition: number;
  /** The first offset that is left. */
  readonly beginning: number;
}

/** Where a check finds what is expected, and who is responsible for it: the models that answered are read from these. */
const answers: readonly TopicId[] = ['predictions', 'shadowPredictions'];
/** Every reading is in one of these topics. */
const outcomes: readonly TopicId[] = [
  'sensorReadings',
  'validatedReadings',
  'rejectedReadings',
  'deadLetters',
];

export async function findCut({
  transport,
  topics,
}: Pick<Kafka, 'transport' | 'topics'>): Promise<readonly CutPartition[]> {
  const cut: CutPartition[] = [];
  for (const topic of topicIds) {
    if (catalogue[topic].cleanup === 'compact') continue;
    for (const [partition, beginning] of await transport.beginningOffsets(topics[topic]))
      if (beginning > 0) cut.push({ topic, partition, beginning });
  }
  return cut;
}

export class Scope {
  readonly #partitions: number;
  readonly #topics = new Map<string, Extent>();
  readonly #tables = new Map<string, Extent>();

  /** @param unknown gaps whose records the check does not have either */
  constructor(
    partitions: number,
    cut: readonly CutPartition[] = [],
    unknown: readonly (Omit<MissingRecords, 'source'> & {
      readonly topic: TopicId;
      readonly partition: number;
    })[] = [],
  ) {
    this.#partitions = partitions;
    for (const { topic, partition } of cut)
      if (isAmong(sourceTopics, topic) || answers.includes(topic)) this.#leaveOut(topic, partition);
      else if (isAmong(outputTopics, topic)) lower(this.#topics, topic, partition, 'found');
      else {
        lower(this.#topics, topic, partition, 'nothing');
        // The key is not an asset: any row may be of any partition.
        if (catalogue[topic].key !== 'original')
          for (let each = 0; each < partitions; each++) lower(this.#tables, topic, each, 'nothing');
      }
    for (const { reader, topic, partition } of unknown)
      if (reader === 'sink') lower(this.#tables, topic, partition, 'found');
      else this.#leaveOutOutputs(reader, partition);
  }

  partitionOf(key: string): number {
    return partitionForKey(key, this.#partitions);
  }

  topic(topic: TopicId, partition: number): Extent {
    return this.#topics.get(`${topic}/${partition}`) ?? 'all';
  }

  /** The rows of the key in the topic's table. */
  table(topic: TopicId, key: string): Extent {
    return this.#tables.get(`${topic}/${this.partitionOf(key)}`) ?? 'all';
  }

  /** Whether the outcome of every reading of the partition can be found. */
  accounts(partition: number): boolean {
    return outcomes.every((topic) => this.topic(topic, partition) === 'all');
  }

  /** One sentence per partition of which something is left out. */
  notCompared(topics: Pick<Kafka, 'topics'>['topics']): readonly string[] {
    const sentences: string[] = [];
    for (let partition = 0; partition < this.#partitions; partition++) {
      const named = (extents: ReadonlyMap<string, Extent>): string =>
        topicIds
          .filter((topic) => (extents.get(`${topic}/${partition}`) ?? 'all') !== 'all')
          .map((topic) => topics[topic])
          .join(', ');
      const [records, rows] = [named(this.#topics), named(this.#tables)];
      const what = [...(records ? [`records of ${records}`] : []), ...(rows ? [`rows from ${rows}`] : [])];
      if (what.length > 0)
        sentences.push(
          `in partition ${partition} these can be compared only in part or not at all: ${what.join('; ')}`,
        );
    }
    return sentences;
  }

  #leaveOut(topic: TopicId, partition: number): void {
    lower(this.#topics, topic, partition, 'nothing');
    lower(this.#tables, topic, partition, 'nothing');
    for (const step of stepsReading(topic)) this.#leaveOutOutputs(step, partition);
  }

  #leaveOutOutputs(step: StepName, partition: number): void {
    for (const output of Object.values(entries[step].outputs)) this.#leaveOut(output, partition);
  }
}

const isAmong = (some: readonly FlowTopic[], topic: TopicId): topic is FlowTopic =>
  some.some((each) => each === topic);

const order: readonly Extent[] = ['all', 'found', 'nothing'];

function lower(extents: Map<string, Extent>, topic: TopicId, partition: number, to: Extent): void {
  const key = `${topic}/${partition}`;
  const now = extents.get(key) ?? 'all';
  if (order.indexOf(to) > order.indexOf(now)) extents.set(key, to);
}
