/** What the bench and its observer tell each other over IPC. */

export interface ObserverOptions {
  readonly brokers: readonly string[];
  /** The topics' names; what becomes visible on them is timed. */
  readonly topics: readonly string[];
  readonly group: string;
  /** With it: when the rows of the topics' records become visible in the database, too. */
  readonly database?: { readonly url: string; readonly sink: string };
}

/** Records whose timestamps lie in here count, ms since the epoch; `to` is exclusive. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export type ToObserver =
  | { readonly kind: 'count'; readonly topic: string }
  | { readonly kind: 'latency'; readonly topic: string; readonly window: Window };

/** From a record's timestamp, which is when its cause was scheduled to be sent, until it could be read, ms. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface Latencies {
  /** Under read committed. */
  readonly topic: Latency;
  /** Until the row was committed, where a database is watched. */
  readonly row: Latency | undefined;
}

export type FromObserver =
  | { readonly kind: 'ready' }
  | { readonly kind: 'counted'; readonly records: number; readonly rows: number }
  | ({ readonly kind: 'measured' } & Latencies)
  | { readonly kind: 'failed'; readonly message: string };
