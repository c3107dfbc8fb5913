/** What the bench and its load generator tell each other over IPC. */

/** What a load generator is started with, as JSON on its command line. */
export interface LoaderOptions {
  readonly brokers: readonly string[];
  readonly dataset: string;
}

/** Indexes are of the dataset's records; `to` is exclusive. */
export type ToLoader =
  /** All of them in one transaction: readers of committed records see them at one moment. */
  | { readonly kind: 'fill'; readonly prefix: string; readonly from: number; readonly to: number }
  /** One after another at their scheduled times, which become their timestamps. */
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
  /** How long after their scheduled times records were handed to the producer, ms. */
  readonly delayP50: number;
  readonly delayP99: number;
  /** From the scheduled time of a batch's first record to its acknowledgement, ms. */
  readonly acknowledgedP99: number;
}
