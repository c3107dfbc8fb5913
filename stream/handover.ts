/** What one step of a chain hands to the next, and which input record made a step fail. */
import { partitionKey, type ProducerRecord, type RawRecord, type TopicPartition } from './transport.ts';

/** The link from a step to the next one in the same task. */
export interface Handover {
  /** The output partition of the first step, which is the input partition of the second. */
  readonly source: TopicPartition;
  /** The second step's name for this input. */
  readonly from: string;
}

/** A step's neighbours in its chain, if it has any. */
export interface Neighbours {
  readonly before?: Handover | undefined;
  readonly after?: Handover | undefined;
}

/** A record that a step processes. The task has read it, or the previous step has handed it on. */
export interface Cause extends TopicPartition {
  readonly offset: number;
  readonly handedOn: HandedOn | undefined;
}

/** A record that the previous step made in the same batch. It is written, and also processed here without decoding. */
export interface HandedOn {
  readonly written: ProducerRecord;
  /** The decoded form of the bytes. */
  readonly value: unknown;
  /** The offset that the record will get. */
  readonly offset: number;
  /** The input record this one was derived from; `nth` is its index among that record's outputs. */
  readonly cause: Cause;
  readonly nth: number;
}

/** Records that made a step throw before the task was rebuilt: from step and `poisonKey` to the reason. */
export type Poison = Map<string, string>;

/** Identifies a record by the input that was read, because offsets of derived records change when a task is rebuilt. */
export function poisonKey({ topic, partition, offset, handedOn }: Cause): string {
  return handedOn === undefined
    ? `${partitionKey({ topic, partition })}/${offset}`
    : `${poisonKey(handedOn.cause)}>${handedOn.nth}`;
}

/** Returns the record as if it had been read from its topic. */
export function asRead({ written, offset }: HandedOn): RawRecord {
  const { key, value, timestamp = 0, headers } = written;
  return { offset, key: typeof key === 'string' ? Buffer.from(key) : key, value, timestamp, headers };
}
