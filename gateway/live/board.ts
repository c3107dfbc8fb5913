/**
 * The gateway's memory of the live stream: the newest scans and predictions per asset, and the alarms. It bridges the time
 * until the sink has stored a record, and replaces the database while that does not answer. It is bounded: with more
 * assets, less is kept per asset.
 */
import type { Alert, Prediction } from '../../schemas/generated/types.ts';
import { AlarmList } from '../shared/alarms.ts';
import type { Scan } from '../shared/messages.ts';

export interface BoardLimits {
  /** Largest number of scans per asset, and of predictions per asset. */
  readonly tail: number;
  /** Approximate number of scans over all assets. */
  readonly total: number;
}

export const boardLimits: BoardLimits = { tail: 300, total: 30_000 };

interface Tail {
  scans: Scan[];
  predictions: Prediction[];
}

export class Board {
  readonly alarms = new AlarmList();
  readonly #limits: BoardLimits;
  readonly #tails = new Map<string, Tail>();

  constructor(limits: BoardLimits = boardLimits) {
    this.#limits = limits;
  }

  /** @returns true when the asset was not known before. */
  scan(scan: Scan): boolean {
    const isNew = !this.#tails.has(scan.asset);
    const tail = this.#tail(scan.asset);
    tail.scans = this.#trim(tail.scans, scan);
    return isNew;
  }

  /** @returns true when the asset was not known before. */
  prediction(prediction: Prediction): boolean {
    const isNew = !this.#tails.has(prediction.asset);
    const tail = this.#tail(prediction.asset);
    tail.predictions = this.#trim(tail.predictions, prediction);
    return isNew;
  }

  /** @returns false when the transition was known already. */
  alert(alert: Alert): boolean {
    return this.alarms.apply(alert);
  }

  has(asset: string): boolean {
    return this.#tails.has(asset);
  }

  assets(): string[] {
    return [...this.#tails.keys()];
  }

  scans(asset: string): readonly Scan[] {
    return this.#tails.get(asset)?.scans ?? [];
  }

  predictions(asset: string): readonly Prediction[] {
    return this.#tails.get(asset)?.predictions ?? [];
  }

  #tail(asset: string): Tail {
    const tail = this.#tails.get(asset) ?? { scans: [], predictions: [] };
    this.#tails.set(asset, tail);
    return tail;
  }

  /** Appends in place. Cuts the list only when it is half as long again as its limit, so that this is cheap on average. */
  #trim<T>(items: T[], item: T): T[] {
    items.push(item);
    const limit = Math.max(1, Math.min(this.#limits.tail, Math.floor(this.#limits.total / this.#tails.size)));
    return items.length > limit * 1.5 ? items.slice(-limit) : items;
  }
}
