/** What the sink tells whoever counts. Called per batch or rarer, never per row. */
export interface SinkObserver {
  /** A batch went in. `records` may be 0 when only positions moved; `duplicates` were in the table already. */
  stored?(report: {
    readonly records: number;
    readonly rows: number;
    readonly duplicates: number;
    readonly seconds: number;
  }): void;
  /** Rows of one table in a batch that went in, duplicates among them. */
  rows?(table: string, rows: number): void;
  /** The database refused a batch for its data, and it is being split. */
  split?(): void;
  deadLettered?(table: string, reason: DeadLetterReason): void;
  /** Waiting for a part (`database`, `registry`, `kafka`), or no longer. */
  waiting?(part: Part, waiting: boolean): void;
}

export type DeadLetterReason = 'undecodable' | 'no-value' | 'refused';
export type Part = 'database' | 'registry' | 'kafka';
