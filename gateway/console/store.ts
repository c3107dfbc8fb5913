/**
 * The data behind the page: per asset the last minutes of scans and predictions, and when data last arrived. Pure: callers
 * pass the time.
 */
import type { Prediction } from '../../schemas/generated/types.ts';
import type { AssetSnapshot, Scan, TrendPoint } from '../shared/messages.ts';

/** Time spans that are kept and drawn, in event time, ms. */
export const scanWindow = 5 * 60_000;
export const predictionWindow = 15 * 60_000;

export type Status =
  | { readonly kind: 'live' }
  /** Joined so recently that a missing reading is not a problem yet. */
  | { readonly kind: 'waiting' }
  /** `since`: event time of the last reading; null without any. */
  | { readonly kind: 'stale'; readonly since: number | null }
  /** `since`: when the connection broke, by the viewer's clock. */
  | { readonly kind: 'disconnected'; readonly since: number };

export interface LinkState {
  /** Null while connected. */
  readonly downSince: number | null;
  readonly joinedAt: number;
}

export class AssetStore {
  readonly asset: string;
  scans: Scan[] = [];
  trend: TrendPoint[] = [];
  /** Whether it has the scans from before the snapshot, which come only on demand. */
  hasPast = false;
  #prediction: Prediction | undefined;
  /** When the last scan arrived, by the viewer's clock; −∞ if it comes only from the database; null without any. */
  lastArrival: number | null = null;

  constructor(asset: string) {
    this.asset = asset;
  }

  /**
   * Replaces all data by the snapshot.
   * @param serverTime the gateway's clock at the time of the snapshot
   * @param now the viewer's clock
   */
  reset(snapshot: AssetSnapshot, serverTime: number, now: number): void {
    this.scans = snapshot.scan === null ? [] : [snapshot.scan];
    this.trend = [...snapshot.trend];
    this.hasPast = false;
    this.#prediction = snapshot.prediction ?? undefined;
    this.#trim();
    this.lastArrival = lastArrival(this.latestScan(), serverTime, now);
  }

  /** Adds the scans from before the snapshot. They do not show that the asset is live. */
  addPast(scans: readonly Scan[]): void {
    this.hasPast = true;
    const byTime = new Map([...scans, ...this.scans].map((scan) => [scan.eventTime, scan]));
    this.scans = [...byTime.values()].sort((a, b) => a.eventTime - b.eventTime);
    this.#trim();
  }

  addScan(scan: Scan, now: number): void {
    this.lastArrival = now;
    insert(this.scans, scan);
    this.#trim();
  }

  addPrediction(prediction: Prediction): void {
    insert(this.trend, prediction);
    if (prediction.eventTime >= (this.#prediction?.eventTime ?? 0)) this.#prediction = prediction;
    this.#trim();
  }

  latestScan(): Scan | undefined {
    return this.scans.at(-1);
  }

  latestPrediction(): Prediction | undefined {
    return this.#prediction;
  }

  /** The newest time in the data, ms. */
  dataTime(): number | null {
    return this.latestScan()?.eventTime ?? null;
  }

  status(now: number, link: LinkState, staleAfter: number): Status {
    if (link.downSince !== null) return { kind: 'disconnected', since: link.downSince };
    if (now - (this.lastArrival ?? link.joinedAt) > staleAfter)
      return { kind: 'stale', since: this.dataTime() };
    return { kind: this.lastArrival === null ? 'waiting' : 'live' };
  }

  #trim(): void {
    const newest = Math.max(this.scans.at(-1)?.eventTime ?? 0, this.trend.at(-1)?.eventTime ?? 0);
    drop(this.scans, newest - scanWindow);
    drop(this.trend, newest - predictionWindow);
  }
}

/** Uses ages, because the two clocks differ. A scan that comes only from the database does not show that the asset is live. */
function lastArrival(latest: Scan | undefined, serverTime: number, now: number): number | null {
  if (latest === undefined) return null;
  if (latest.publishedAt === null) return Number.NEGATIVE_INFINITY;
  return now - Math.max(0, serverTime - latest.publishedAt);
}

/** Keeps the order by event time. An item with the same time replaces the earlier one. Mostly an append. */
function insert<T extends { readonly eventTime: number }>(items: T[], item: T): void {
  let at = items.length;
  while (at > 0 && (items[at - 1]?.eventTime ?? 0) > item.eventTime) at--;
  if (items[at - 1]?.eventTime === item.eventTime) items[at - 1] = item;
  else items.splice(at, 0, item);
}

function drop(items: { readonly eventTime: number }[], before: number): void {
  const keep = items.findIndex((item) => item.eventTime >= before);
  if (keep > 0) items.splice(0, keep);
}

/** A line of a chart: times in s, and a gap where scans are missing. */
export interface ChartLine {
  readonly times: number[];
  readonly values: (number | null)[];
}

/** @param gap ms without a point after which the line is interrupted */
export function line<T extends { readonly eventTime: number }>(
  items: readonly T[],
  value: (item: T) => number | null,
  gap: number,
): ChartLine {
  const times: number[] = [];
  const values: (number | null)[] = [];
  let previous: number | undefined;
  for (const item of items) {
    if (previous !== undefined && item.eventTime - previous > gap) {
      times.push((previous + gap) / 1000);
      values.push(null);
    }
    times.push(item.eventTime / 1000);
    values.push(value(item));
    previous = item.eventTime;
  }
  return { times, values };
}

/** Possible upper ends of the axis of the probability: few, so that it rarely jumps. */
const tops = [0.1, 0.2, 0.3, 0.5, 0.75];

/** The upper end of the axis of the probability: each prediction, its interval and its limit fit. */
export function probabilityTop(shown: readonly (readonly TrendPoint[])[]): number {
  let most = 0;
  for (const trend of shown) {
    for (const { probability, upper, threshold } of trend)
      most = Math.max(most, probability ?? 0, upper ?? 0, threshold * 1.5);
  }
  return tops.find((top) => most <= top) ?? 1;
}
