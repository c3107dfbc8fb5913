/** What the sink reports to its observer. Called per batch or rarer, never per row. */
import type { RawRecord, TopicPartition } from '../../../stream/index.ts';

export interface SinkObserver {
  /** A batch went in. `records` may be 0 when only positions moved; `duplicates` were in the table already. */
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
  /** Rows of one table in a batch that went in, duplicates among them. */
  rows?(table: string, rows: number): void;
  /** The database refused a batch for its data, and it is being split. */
  split?(): void;
  deadLettered?(topic: string, reason: DeadLetterReason): void;
  /** Waiting for a part (`database`, `registry`, `kafka`), or no longer. */
  waiting?(part: SinkPart, waiting: boolean): void;
}

export type DeadLetterReason = 'undecodable' | 'no-value' | 'refused';
export type SinkPart = 'database' | 'registry' | 'kafka';
