/** What goes from one step of a chain to the next, and where a record came from when it made a step fail. */
import { partitionKey, type ProducerRecord, type RawRecord, type TopicPartition } from './transport.ts';

/** From a step to the next one in the same task. */
export interface Handover {
  /** The output of the one and input of the other. */
  readonly source: TopicPartition;
  /** The other's name for it. */
  readonly from: string;
}

/** A step's neighbours in its chain, if it has any. */
export interface Neighbours {
  readonly before?: Handover | undefined;
  readonly after?: Handover | undefined;
}

/** A record that a step takes in: it was read, or the step before has handed it on. */
export interface Cause extends TopicPartition {
  readonly offset: number;
  readonly handedOn: HandedOn | undefined;
}

/** A record that the step before has made in the same batch: it is written, and taken in here as it is. */
export interface HandedOn {
  readonly written: ProducerRecord;
  /** What the bytes decode to. */
  readonly value: unknown;
  /** Where it is going to lie. */
  readonly offset: number;
  /** The record that it was made of, and the how manieth of it. */
  readonly cause: Cause;
  readonly nth: number;
}

/** Records that made a step throw in an earlier life of the task: step and `poisonKey`, and why. */
export type Poison = Map<string, string>;

/** By what was read, as offsets of what is made of it change from one life of a task to the next. */
export function poisonKey({ topic, partition, offset, handedOn }: Cause): string {
  return handedOn === undefined
    ? `${partitionKey({ topic, partition })}/${offset}`
    : `${poisonKey(handedOn.cause)}>${handedOn.nth}`;
}

/** As it would be read from its topic. */
export function asRead({ written, offset }: HandedOn): RawRecord {
  const { key, value, timestamp = 0, headers } = written;
  return { offset, key: typeof key === 'string' ? Buffer.from(key) : key, value, timestamp, headers };
}
