/** The messages between the bench and its load generator, over IPC. */

/** The arguments of the load generator, as JSON on its command line. */
export interface LoaderOptions {
  readonly brokers: readonly string[];
  readonly dataset: string;
}

/** `from` and `to` are indexes into the dataset's records; `to` is exclusive. */
export type ToLoader =
  /** Send all records in one transaction, so that they become visible to read-committed consumers at once. */
  | { readonly kind: 'fill'; readonly prefix: string; readonly from: number; readonly to: number }
  /** Send one record after another at their scheduled times, which become their timestamps. */
  | {
      readonly kind: 'pace';
      readonly prefix: string;
      readonly from: number;
      readonly to: number;
      /** Records per second. */
      readonly rate: number;
    };

export type FromLoader =
  | { readonly kind: 'loaded'; readonly records: number }
  | { readonly kind: 'filled'; readonly at: number }
  | ({ readonly kind: 'paced' } & Paced)
  | { readonly kind: 'failed'; readonly message: string };

export interface Paced {
  /** Scheduled times of the first and the last record, ms since the epoch. */
  readonly first: number;
  readonly last: number;
  /** The delay between the scheduled time of a record and its hand-over to the producer, ms. */
  readonly delayP50: number;
  readonly delayP99: number;
  /** The time from the scheduled time of a batch's first record to its acknowledgement, ms. */
  readonly acknowledgedP99: number;
}
