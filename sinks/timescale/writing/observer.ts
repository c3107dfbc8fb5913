/** What the sink reports to its observer. It is called once per batch or less often, never per row. */
import type { Gap, RawRecord, TopicPartition } from '../../../stream/index.ts';

export interface SinkObserver {
  /** A batch was stored. `records` may be 0 when only positions moved. `duplicates` are rows that existed already. */
  stored?(report: {
    readonly records: number;
    readonly rows: number;
    readonly duplicates: number;
    readonly seconds: number;
  }): void;
  /** An attempt to store a batch has ended. `fenced`: another sink has claimed one of its partitions. */
  attempt?(outcome: 'stored' | 'fenced' | 'refused' | 'unavailable', seconds: number): void;
  /**
   * The records of one partition whose rows a transaction has committed; dead letters are not among them.
   * @param startedAt when the transaction began, ms since the epoch
   */
  committed?(source: TopicPartition, table: string, records: readonly RawRecord[], startedAt: number): void;
  /** Rows of one table in a stored batch, including duplicates. */
  rows?(table: string, rows: number): void;
  /** The database refused a batch because of its data; the sink splits it. */
  split?(): void;
  /** Records no longer existed that were to be stored next. Called once per gap. */
  gap?(source: TopicPartition, gap: Gap): void;
  /** TimescaleDB's jobs that fail or are overdue. Called after each look at them; 0 on a plain server. */
  jobsFailing?(jobs: number): void;
  deadLettered?(topic: string, reason: DeadLetterReason): void;
  /** The sink starts or stops waiting for a part. `registry` is the schema registry. */
  waiting?(part: SinkPart, waiting: boolean): void;
}

export type DeadLetterReason = 'undecodable' | 'no-value' | 'refused';
export type SinkPart = 'database' | 'registry' | 'kafka';
