/** The messages between the bench and its observer, over IPC. */

export interface ObserverOptions {
  readonly brokers: readonly string[];
  /** The names of the topics to observe. */
  readonly topics: readonly string[];
  readonly group: string;
  /** If given, the observer also records when the rows become visible in this database. */
  readonly database?: { readonly url: string; readonly sink: string };
}

/** Only records with a timestamp in this span count; ms since the epoch, `to` is exclusive. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export type ToObserver =
  | { readonly kind: 'count'; readonly topic: string }
  | { readonly kind: 'latency'; readonly topic: string; readonly window: Window };

/** From a record's timestamp (when its input record was scheduled to be sent) until it could be read, ms. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface Latencies {
  /** Until a read-committed consumer could read the record. */
  readonly topic: Latency;
  /** Until the row was committed, if a database is watched. */
  readonly row: Latency | undefined;
}

export type FromObserver =
  | { readonly kind: 'ready' }
  | { readonly kind: 'counted'; readonly records: number; readonly rows: number }
  | ({ readonly kind: 'measured' } & Latencies)
  | { readonly kind: 'failed'; readonly message: string };
