/** What the runtime tells whoever watches it. Called per batch or rarer, never per record. */
import type { ProducerRecord } from './transport.ts';

export type TaskState = 'restoring' | 'running' | 'halted' | 'closed';

export interface BatchReport {
  readonly step: string;
  readonly partition: number;
  readonly records: number;
  readonly emitted: number;
  readonly deadLettered: number;
  /** ms from taking the batch to handing it to the transaction */
  readonly durationMs: number;
  /** ms since the epoch of the oldest record's own timestamp, to tell how far behind the task is. */
  readonly oldestTimestamp: number;
}

export interface Observer {
  batch?(report: BatchReport): void;
  /** Records dropped, dead-lettered, or routed with a reason; `output` is undefined for the first two. */
  reasons?(
    step: string,
    kind: 'drop' | 'dead-letter' | 'output',
    output: string | undefined,
    reason: string,
    count: number,
  ): void;
  transaction?(
    step: string,
    partition: number,
    outcome: 'committed' | 'aborted' | 'fenced',
    durationMs: number,
  ): void;
  /** All records of a transaction, its state changes among them, once it is committed. */
  committed?(records: readonly ProducerRecord[]): void;
  /** Every 5 s: records on the partitions of this member that the group has not processed. */
  lag?(group: string, topic: string, records: number): void;
  taskState?(step: string, partition: number, state: TaskState): void;
  restored?(step: string, partition: number, keys: number, bytes: number, durationMs: number): void;
  /** Records waiting in memory for this task. */
  buffered?(step: string, partition: number, records: number): void;
}

export interface StreamLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLog: StreamLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
