/**
 * What the gateway and its clients say to each other over Socket.IO. Types only, but for the event names'
 * sake shared by the server, the console and the tests, so that they cannot drift apart.
 */
import type {
  Alert,
  Prediction,
  Quality,
  RejectionReason,
  Treatment,
} from '../../schemas/generated/types.ts';

/** A value that is not simply measured and good: held, flagged, missing, uncertain. */
export interface Mark {
  /** Index into the plant's tags. */
  readonly tag: number;
  readonly treatment: Treatment;
  readonly quality: Quality;
  readonly reason: RejectionReason | null;
}

/** One validated reading, values in the order of the plant's tags. */
export interface Scan {
  readonly asset: string;
  /** ms since the epoch, by the source's clock. */
  readonly eventTime: number;
  /** ms since the epoch; null for rows of the database older than the gateway. */
  readonly publishedAt: number | null;
  readonly values: readonly (number | null)[];
  readonly marks: readonly Mark[];
}

/** What a tag is to people. */
export interface TagView {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly group: string;
  /** Possible; outside is a broken sensor. */
  readonly range: readonly [number, number];
  /** Usual. */
  readonly normal: readonly [number, number];
  readonly required: boolean;
}

export interface AlertRuleView {
  readonly id: string;
  readonly title: string;
  readonly priority: Alert['priority'];
  /** `probability`, or a feature's name. */
  readonly on: string;
}

/** The process definition as clients need it: no limits of validation, no features, no models. */
export interface PlantView {
  readonly process: string;
  readonly title: string;
  readonly description: string;
  readonly hierarchy: {
    readonly enterprise: string;
    readonly site: string;
    readonly area: string;
    readonly line: string;
  };
  /** Null when any cell below the line may send. */
  readonly assets: readonly string[] | null;
  /** Expected distance of two scans, ms. */
  readonly scanPeriod: number;
  /** Expected distance of two predictions, ms. */
  readonly predictionPeriod: number;
  /** Without a scan for so long, ms, an asset is shown as stale. */
  readonly staleAfter: number;
  readonly tags: readonly TagView[];
  readonly target: { readonly id: string; readonly title: string; readonly about: 'piece' | 'time' | 'row' };
  /** Outermost first; empty when predictions are not about pieces. */
  readonly pieceLevels: readonly string[];
  readonly pieceProperties: readonly string[];
  readonly alertRules: readonly AlertRuleView[];
}

/** Whether the gateway itself gets what it should show. */
export type FeedState =
  | { readonly state: 'live'; readonly since: number }
  | { readonly state: 'lost'; readonly since: number; readonly detail: string };

/** Increments. At most one frame is on its way to a client: acknowledge it to be sent the next. */
export interface Frame {
  /** The gateway's clock when the frame was made, ms since the epoch. */
  readonly serverTime: number;
  /** In event order per asset. Older ones may have been left out for a slow client; see `skipped`. */
  readonly scans: readonly Scan[];
  readonly predictions: readonly Prediction[];
  /** Every transition, in order; never left out. */
  readonly alerts: readonly Alert[];
  /** Scans and predictions left out since the last frame because this client was slow. */
  readonly skipped: number;
}

/** What a client asks for: whole again after a reconnect, since the snapshot replaces what it had. */
export interface JoinRequest {
  readonly assets: readonly string[];
}

export interface AssetSnapshot {
  readonly asset: string;
  readonly scans: readonly Scan[];
  readonly predictions: readonly Prediction[];
}

export interface Snapshot {
  readonly serverTime: number;
  readonly feed: FeedState;
  /** Null when the database answered; otherwise why only the gateway's own short memory is in here. */
  readonly historyMissing: string | null;
  readonly assets: readonly AssetSnapshot[];
  /** Transitions of the alerts that are open or were lately cleared, oldest first. */
  readonly alerts: readonly Alert[];
}

export type JoinAnswer =
  { readonly ok: true; readonly snapshot: Snapshot } | { readonly ok: false; readonly problem: string };

export interface ServerToClientEvents {
  frame(frame: Frame, acknowledge: () => void): void;
  feed(state: FeedState): void;
  /** An asset that sent for the first time since the gateway started (for plants with any cells). */
  'asset-seen'(asset: string): void;
}

export interface ClientToServerEvents {
  /** Replaces the assets joined before. Frames follow the answer. */
  join(request: JoinRequest, answer: (answer: JoinAnswer) => void): void;
  /** The gateway's clock, to measure the way there and back. */
  clock(answer: (serverTime: number) => void): void;
}
