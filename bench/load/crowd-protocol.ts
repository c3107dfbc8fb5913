/** What the bench and its crowd of live clients tell each other over IPC. */

export interface CrowdOptions {
  /** Of the gateway. */
  readonly url: string;
  readonly assets: readonly string[];
  /** Of them each client joins so many. */
  readonly perClient: number;
  /** One client in so many stops reading as soon as it has joined. */
  readonly stalledEvery: number;
}

export type ToCrowd =
  /** Connects more, up to so many. */
  | { readonly kind: 'grow'; readonly clients: number }
  /** What has been delivered since the last question. */
  | { readonly kind: 'measure' };

export interface Delivered {
  readonly clients: number;
  readonly stalled: number;
  readonly scans: number;
  /** From the scheduled time of a scan until a client had it, ms. */
  readonly p50: number;
  readonly p99: number;
  /** Scans that the gateway left out for clients that were slow, the stalled ones aside. */
  readonly skipped: number;
}

export type FromCrowd =
  | { readonly kind: 'ready' }
  | { readonly kind: 'grown' }
  | ({ readonly kind: 'delivered' } & Delivered)
  | { readonly kind: 'failed'; readonly message: string };
