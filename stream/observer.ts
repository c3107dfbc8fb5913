/** What the runtime reports to an observer. It calls the observer per batch or less often, never per record. */
import type { Gap } from './position-note.ts';
import type { ProducerRecord, TopicPartition } from './transport.ts';

export type TaskState = 'restoring' | 'running' | 'halted' | 'closed';

export type ReasonKind = 'drop' | 'dead-letter' | 'output' | 'evict';

export interface BatchReport {
  readonly step: string;
  readonly partition: number;
  readonly records: number;
  readonly emitted: number;
  readonly deadLettered: number;
  /** ms from taking the batch to handing it to the transaction */
  readonly durationMs: number;
  /** The oldest timestamp of the batch's records, ms since the epoch. It shows how far the task is behind. */
  readonly oldestTimestamp: number;
}

export interface Observer {
  batch?(report: BatchReport): void;
  /**
   * Number of records dropped, dead-lettered, or routed with a reason; and of states or parts of states that were evicted.
   * `output` is undefined except for routed records.
   */
  reasons?(step: string, kind: ReasonKind, output: string | undefined, reason: string, count: number): void;
  transaction?(
    step: string,
    partition: number,
    outcome: 'committed' | 'aborted' | 'fenced',
    durationMs: number,
  ): void;
  /** All records of a transaction, including its state changes, once it is committed. */
  committed?(records: readonly ProducerRecord[]): void;
  /** Called every 5 s: the number of records on this member's partitions that the group has not processed. */
  lag?(group: string, topic: string, records: number): void;
  taskState?(step: string, partition: number, state: TaskState): void;
  restored?(step: string, partition: number, keys: number, bytes: number, durationMs: number): void;
  /** Records that a step was to process next no longer exist. It leaves them out or stops. Called once per gap. */
  gap?(step: string, source: TopicPartition, gap: Gap): void;
  /** Number of records waiting in memory for this task. */
  buffered?(step: string, partition: number, records: number): void;
}

export interface StreamLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLog: StreamLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
