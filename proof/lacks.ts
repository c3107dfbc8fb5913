/** The records of gaps that the check has copies of: what each step did not process, and what the sink did not store. */
import { sourceTopics, type FlowTopic, type StepName } from '../processors/topology.ts';
import type { Kafka } from '../roles/connections.ts';
import type { TopicId } from '../schemas/catalogue.ts';
import type { OffsetRange } from '../stream/index.ts';
import type { MissingRecords } from './missing-records.ts';
import { digest } from './multiset.ts';

/** A gap in a partition that the check can read completely. */
export interface KnownGap extends Omit<MissingRecords, 'source' | 'gap'>, OffsetRange {
  readonly topic: TopicId;
  readonly partition: number;
}

export class Lacks {
  readonly #ranges = new Map<string, OffsetRange[]>();
  readonly #contents = new Set<string>();
  /** Records that the sink did not store: how often each is missing. */
  readonly #unstored = new Map<string, number>();

  /** Records of inputs are known by their offsets, because a source may repeat one. Others are known by their contents. */
  static async of(
    { transport, topics }: Pick<Kafka, 'transport' | 'topics'>,
    gaps: readonly KnownGap[],
  ): Promise<Lacks> {
    const lacks = new Lacks();
    for (const { reader, topic, partition, from, to } of gaps) {
      if (reader !== 'sink' && sourceTopics.some((each) => each === topic)) {
        const key = `${reader} ${topic}/${partition}`;
        lacks.#ranges.set(key, [...(lacks.#ranges.get(key) ?? []), { from, to }]);
        continue;
      }
      await transport.read(
        { topic: topics[topic], partition },
        (records) => {
          for (const { value } of records) {
            if (value === null) continue;
            const key = `${reader} ${topic} ${digest(value)}`;
            if (reader === 'sink') lacks.#unstored.set(key, (lacks.#unstored.get(key) ?? 0) + 1);
            else lacks.#contents.add(key);
          }
        },
        { from, to },
      );
    }
    return lacks;
  }

  /** Whether the step has not processed this record of an input. */
  input(step: StepName, topic: FlowTopic, partition: number, offset: number): boolean {
    const ranges = this.#ranges.get(`${step} ${topic}/${partition}`) ?? [];
    return ranges.some(({ from, to }) => offset >= from && offset < to);
  }

  /** Whether the step has not processed this record of another step. */
  output(step: StepName, topic: FlowTopic, bytes: () => Buffer): boolean {
    return this.#contents.size > 0 && this.#contents.has(`${step} ${topic} ${digest(bytes())}`);
  }

  /** Whether the sink has not stored this record. Call it once per record. */
  takeUnstored(topic: TopicId, bytes: () => Buffer): boolean {
    if (this.#unstored.size === 0) return false;
    const key = `sink ${topic} ${digest(bytes())}`;
    const left = this.#unstored.get(key) ?? 0;
    if (left > 0) this.#unstored.set(key, left - 1);
    return left > 0;
  }
}
