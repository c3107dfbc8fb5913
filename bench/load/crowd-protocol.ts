/** The messages between the bench and its crowd of live clients, over IPC. */

export interface CrowdOptions {
  /** The address of the gateway. */
  readonly url: string;
  readonly assets: readonly string[];
  /** The number of these assets that each client joins. */
  readonly perClient: number;
  /** Every n-th client stops reading as soon as it has joined; this is n. */
  readonly stalledEvery: number;
}

export type ToCrowd =
  /** Connects more clients, up to this number. */
  | { readonly kind: 'grow'; readonly clients: number }
  /** Asks what was delivered since the last question. */
  | { readonly kind: 'measure' };

export interface Delivered {
  readonly clients: number;
  readonly stalled: number;
  readonly scans: number;
  /** From the scheduled time of a scan until a client has it, ms. */
  readonly p50: number;
  readonly p99: number;
  /** Scans that the gateway left out for slow clients; clients that stopped reading do not count. */
  readonly skipped: number;
}

export type FromCrowd =
  | { readonly kind: 'ready' }
  | { readonly kind: 'grown' }
  | ({ readonly kind: 'delivered' } & Delivered)
  | { readonly kind: 'failed'; readonly message: string };
