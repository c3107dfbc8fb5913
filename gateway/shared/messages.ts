/**
 * The messages between the gateway and its clients over Socket.IO. Server, console and tests share these types, so that
 * names of events and fields cannot differ.
 */
import type {
  Alert,
  Prediction,
  Quality,
  RejectionReason,
  Treatment,
} from '../../schemas/generated/types.ts';

/** Explains a value that is not both measured and of good quality: held, flagged, missing, uncertain. */
export interface Mark {
  /** Index into the plant's tags. */
  readonly tag: number;
  readonly treatment: Treatment;
  readonly quality: Quality;
  readonly reason: RejectionReason | null;
}

/** A validated reading, with its values in the order of the plant's tags. */
export interface Scan {
  readonly asset: string;
  /** ms since the epoch, by the source's clock. */
  readonly eventTime: number;
  /** ms since the epoch; null for readings from the database. */
  readonly publishedAt: number | null;
  readonly values: readonly (number | null)[];
  readonly marks: readonly Mark[];
}

/** A tag as the console shows it. */
export interface TagView {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly group: string;
  /** Possible values. */
  readonly range: readonly [number, number];
  /** Usual values. */
  readonly normal: readonly [number, number];
  readonly required: boolean;
}

/** A step or sink that a breaker has stopped on a partition. */
export interface StandstillView {
  readonly step: string;
  readonly topic: string;
  readonly partition: number;
  /** ms since the epoch */
  readonly since: number;
  readonly why: string;
}

export interface AlertRuleView {
  readonly id: string;
  readonly title: string;
  readonly priority: Alert['priority'];
  /** `probability`, or a feature's name. */
  readonly on: string;
}

/** The parts of the process definition that clients need: no limits of validation, no features, no models. */
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
  /** Null when every cell below the line may send data. */
  readonly assets: readonly string[] | null;
  /** Expected time between two scans, ms. */
  readonly scanPeriod: number;
  /** Expected time between two predictions, ms. */
  readonly predictionPeriod: number;
  /** Time without a scan after which an asset is shown as stale, ms. */
  readonly staleAfter: number;
  readonly tags: readonly TagView[];
  readonly target: { readonly id: string; readonly title: string; readonly about: 'piece' | 'time' | 'row' };
  /** Outermost first; empty when predictions are not about pieces. */
  readonly pieceLevels: readonly string[];
  readonly pieceProperties: readonly string[];
  readonly alertRules: readonly AlertRuleView[];
}

/** Whether the gateway itself gets data from Kafka. */
export type FeedState =
  | { readonly state: 'live'; readonly since: number }
  | { readonly state: 'lost'; readonly since: number; readonly detail: string };

/** New data for a client. At most one frame is in flight: the client gets the next one after it has acknowledged this one. */
export interface Frame {
  /** The gateway's clock when the frame was made, ms since the epoch. */
  readonly serverTime: number;
  /** In event order per asset. A slow client does not get all of them; see `skipped`. */
  readonly scans: readonly Scan[];
  readonly predictions: readonly Prediction[];
  /** Every alarm transition, in order; none is left out. */
  readonly alerts: readonly Alert[];
  /** Number of scans and predictions left out since the last frame, because this client was slow. */
  readonly skipped: number;
}

/** The assets that a client wants to follow. After a reconnect it joins again; the snapshot replaces its data. */
export interface JoinRequest {
  readonly assets: readonly string[];
}

/** What a chart of the probability shows of a prediction. */
export type TrendPoint = Pick<
  Prediction,
  'eventTime' | 'probability' | 'lower' | 'upper' | 'threshold' | 'signals'
>;

export interface AssetSnapshot {
  readonly asset: string;
  /** The newest one; null without any. The event `scans` asks for those of the last minutes. */
  readonly scan: Scan | null;
  /** The newest one; null without any. */
  readonly prediction: Prediction | null;
  /** The predictions of the last minutes, oldest first. Their signals are left out, except since an open alarm was raised. */
  readonly trend: readonly TrendPoint[];
}

export interface Snapshot {
  readonly serverTime: number;
  readonly feed: FeedState;
  /** Null when the database answered. Otherwise the reason why the snapshot has only the data in the gateway's memory. */
  readonly historyMissing: string | null;
  readonly assets: readonly AssetSnapshot[];
  /** Transitions of the alarms that are open or were recently cleared, oldest first. */
  readonly alerts: readonly Alert[];
}

export interface RefusedRequest {
  readonly ok: false;
  readonly problem: string;
}

export type JoinAnswer = { readonly ok: true; readonly snapshot: Snapshot } | RefusedRequest;

/** Asks for the scans of the last minutes of a joined asset. */
export interface ScansRequest {
  readonly asset: string;
}

export type ScansAnswer =
  /** Oldest first. `historyMissing` as in a snapshot. */
  | { readonly ok: true; readonly scans: readonly Scan[]; readonly historyMissing: string | null }
  | RefusedRequest;

export interface ServerToClientEvents {
  frame(frame: Frame, acknowledge: () => void): void;
  feed(state: FeedState): void;
  /** An asset sent data for the first time since the gateway started (for plants with `cells: any`). */
  'asset-seen'(asset: string): void;
  /** A request was refused that has no callback for its answer. */
  problem(problem: string): void;
}

export interface ClientToServerEvents {
  /** Replaces the assets joined before. Frames follow the answer. */
  join(request: JoinRequest, answer: (answer: JoinAnswer) => void): void;
  scans(request: ScansRequest, answer: (answer: ScansAnswer) => void): void;
  /** Asks for the gateway's clock, to measure the round trip. */
  clock(answer: (serverTime: number) => void): void;
}
