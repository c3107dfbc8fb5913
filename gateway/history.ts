/** The port through which the gateway reads stored data. `stored-history.ts` implements it on the sink's tables. */
import type { Alert, Prediction } from '../schemas/generated/types.ts';
import type { Listed } from '../sinks/timescale/queries/rows.ts';
import type { Scan } from './shared/messages.ts';

export interface TimeRange {
  /** ms since the epoch, inclusive; default: the beginning. */
  readonly from?: number | undefined;
  /** ms since the epoch, exclusive; default: the end. */
  readonly to?: number | undefined;
  /** Largest number of items; the newest ones are returned. */
  readonly limit: number;
}

export interface AlertFilter extends TimeRange {
  /** Only alarms that are not cleared. */
  readonly open: boolean;
  readonly asset?: string | undefined;
}

export interface RowFilter extends TimeRange {
  readonly asset?: string | undefined;
}

/** Lists are oldest first. Every method rejects when the database does not answer. */
export interface History {
  /** Every asset with stored readings or predictions, and the event time of the newest. */
  assets(): Promise<readonly { readonly asset: string; readonly lastEventTime: number }[]>;
  predictions(asset: string, span: TimeRange): Promise<readonly Prediction[]>;
  scans(asset: string, span: TimeRange): Promise<readonly Scan[]>;
  /** All transitions of the alarms that match; `limit` counts alarms. */
  alerts(filter: AlertFilter): Promise<readonly Alert[]>;
  /** Rows of a table; `limit` counts rows. */
  rows(of: Listed, filter: RowFilter): Promise<readonly object[]>;
}
