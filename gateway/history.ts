/** What the gateway asks of the past. Implemented on the sink's tables; tests may count on the same port. */
import type { Alert, Prediction } from '../schemas/generated/types.ts';
import type { StoredFinding } from '../sinks/timescale/queries/readings.ts';
import type { Scan } from './shared/messages.ts';

export interface Span {
  /** ms since the epoch, inclusive; from the beginning when left out. */
  readonly from?: number | undefined;
  /** Exclusive; to the end when left out. */
  readonly to?: number | undefined;
  /** The newest so many are given. */
  readonly limit: number;
}

export interface AlertFilter extends Span {
  /** Only alerts that are not cleared. */
  readonly open: boolean;
  readonly asset?: string | undefined;
}

export interface RejectionFilter extends Span {
  readonly asset?: string | undefined;
}

/** Lists come oldest first. Rejects when the database cannot be asked. */
export interface History {
  /** Every asset that has stored readings or predictions, with the time of the newest. */
  assets(): Promise<readonly { readonly asset: string; readonly lastEventTime: number }[]>;
  predictions(asset: string, span: Span): Promise<readonly Prediction[]>;
  scans(asset: string, span: Span): Promise<readonly Scan[]>;
  /** All transitions of the alerts that match; `limit` counts alerts. */
  alerts(filter: AlertFilter): Promise<readonly Alert[]>;
  /** What validation found wrong with readings; `limit` counts findings. */
  rejections(filter: RejectionFilter): Promise<readonly StoredFinding[]>;
}
