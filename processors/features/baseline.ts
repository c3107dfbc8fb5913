/**
 * What has been usual for an asset: mean and spread of each tag, weighted by age. They follow slow drift and lag behind
 * quick changes. The update is West's (1979) with decay; it is exact for weights that halve every `halfLife`.
 */
import type { Scans } from './scans.ts';

/** The weight of scans that a baseline needs before values are compared with it. */
const leastWeight = 10;

export class Baseline {
  /** By tag. */
  readonly weights: Float64Array;
  readonly means: Float64Array;
  /** Weighted sums of squared deviations. */
  readonly squares: Float64Array;
  /** Scans of the periods before this one are included; NaN before the first, and when the clock was put back. */
  until = NaN;
  readonly #halfLife: number;

  /** @param halfLife in periods */
  constructor(tags: number, halfLife: number) {
    this.weights = new Float64Array(tags);
    this.means = new Float64Array(tags);
    this.squares = new Float64Array(tags);
    this.#halfLife = halfLife;
  }

  /** Includes the scans of the periods `from` to `to` (exclusive). Each period must be given once, in order. */
  fold(scans: Scans, from: number, to: number): void {
    for (let slot = from; slot < to; slot++) {
      if (!scans.has(slot)) continue;
      const decay = Number.isNaN(this.until) ? 1 : 2 ** (-(slot + 1 - this.until) / this.#halfLife);
      this.#take(scans.numbers, scans.valuesFrom(scans.placeOf(slot)), decay);
      this.until = slot + 1;
    }
  }

  #take(numbers: Float64Array, from: number, decay: number): void {
    for (let tag = 0; tag < this.weights.length; tag++) {
      const weight = (this.weights[tag] ?? 0) * decay;
      const squares = (this.squares[tag] ?? 0) * decay;
      const value = numbers[from + tag] ?? NaN;
      const known = value === value;
      const deviation = known ? value - (this.means[tag] ?? 0) : 0;
      const now = weight + Number(known);
      if (known) this.means[tag] = (this.means[tag] ?? 0) + deviation / now;
      this.weights[tag] = now;
      this.squares[tag] = squares + (now > 0 ? (deviation * deviation * weight) / now : 0);
    }
  }

  /** NaN while too little is known. */
  meanOf(tag: number): number {
    return (this.weights[tag] ?? 0) < leastWeight ? NaN : (this.means[tag] ?? NaN);
  }

  /** Standard deviation; NaN while too little is known, or when the value has never changed. */
  spreadOf(tag: number): number {
    const weight = this.weights[tag] ?? 0;
    const spread = weight < leastWeight ? 0 : Math.sqrt((this.squares[tag] ?? 0) / weight);
    return spread > 0 ? spread : NaN;
  }
}
