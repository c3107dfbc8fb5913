/**
 * What one client has still to get. For a slow client only the newest scans and predictions of each asset are kept, and the
 * frame says how many were skipped. Alarm transitions are never skipped: a client with more than `alerts` of them pending
 * must start again from a snapshot.
 */
import type { Alert, Prediction } from '../../schemas/generated/types.ts';
import type { Frame, Scan } from '../shared/messages.ts';

export interface OutboxLimits {
  /** Number of scans kept per asset, and of predictions per asset. */
  readonly perAsset: number;
  readonly alerts: number;
}

export const outboxLimits: OutboxLimits = { perAsset: 20, alerts: 1_000 };

export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #scans = new Map<string, Scan[]>();
  readonly #predictions = new Map<string, Prediction[]>();
  #alerts: Alert[] = [];
  #skipped = 0;

  constructor(limits: OutboxLimits = outboxLimits) {
    this.#limits = limits;
  }

  scan(scan: Scan): void {
    this.#skipped += keepNewest(this.#scans, scan.asset, scan, this.#limits.perAsset);
  }

  prediction(prediction: Prediction): void {
    this.#skipped += keepNewest(this.#predictions, prediction.asset, prediction, this.#limits.perAsset);
  }

  /** @returns false when the outbox is full: the client must then start again from a snapshot. */
  alert(alert: Alert): boolean {
    if (this.#alerts.length >= this.#limits.alerts) return false;
    this.#alerts.push(alert);
    return true;
  }

  /** Takes everything out as one frame; undefined when nothing is pending. */
  take(serverTime: number): Frame | undefined {
    if (this.#scans.size === 0 && this.#predictions.size === 0 && this.#alerts.length === 0) return undefined;
    const frame: Frame = {
      serverTime,
      scans: [...this.#scans.values()].flat(),
      predictions: [...this.#predictions.values()].flat(),
      alerts: this.#alerts,
      skipped: this.#skipped,
    };
    this.clear();
    return frame;
  }

  clear(): void {
    this.#scans.clear();
    this.#predictions.clear();
    this.#alerts = [];
    this.#skipped = 0;
  }
}

/** @returns the number of items that were skipped: 0 or 1 */
function keepNewest<T>(byAsset: Map<string, T[]>, asset: string, item: T, limit: number): number {
  const items = byAsset.get(asset);
  if (items === undefined) {
    byAsset.set(asset, [item]);
    return 0;
  }
  items.push(item);
  if (items.length <= limit) return 0;
  items.shift();
  return 1;
}
