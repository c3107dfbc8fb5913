/** The scans that one row looks back upon, oldest first: found once, then used for every tag and window. */
import type { Scans } from './scans.ts';

interface Times {
  /** Mean of the scans' times, and the sum of their squared deviations from it. */
  readonly middle: number;
  readonly timeSquares: number;
}

export class Frame {
  /** Where each scan is kept in the ring. */
  readonly places: Int32Array;
  /** The period of each. */
  readonly slots: Float64Array;
  /** Its event time in seconds from the row's end (negative). */
  readonly seconds: Float64Array;
  count = 0;
  /** By first scan: what `times` has found since the frame was filled. */
  readonly #times = new Map<number, Times>();

  /** @param capacity the most scans that there can be */
  constructor(capacity: number) {
    this.places = new Int32Array(capacity);
    this.slots = new Float64Array(capacity);
    this.seconds = new Float64Array(capacity);
  }

  /** Takes the periods `from` to `to` (exclusive). */
  fill(scans: Scans, from: number, to: number): void {
    const { capacity, period } = scans.shape;
    const end = to * period;
    let count = 0;
    let place = scans.placeOf(from);
    for (let slot = from; slot < to; slot++) {
      if (scans.slots[place] === slot) {
        this.places[count] = place;
        this.slots[count] = slot;
        this.seconds[count] = ((scans.times[place] ?? NaN) - end) / 1_000;
        count++;
      }
      if (++place === capacity) place = 0;
    }
    this.count = count;
    this.#times.clear();
  }

  /** Of all scans from this one on; the same for every tag that has a value in each. */
  times(start: number): Times {
    const known = this.#times.get(start);
    if (known !== undefined) return known;
    let sum = 0;
    for (let index = start; index < this.count; index++) sum += this.seconds[index] ?? NaN;
    const middle = sum / (this.count - start);
    let timeSquares = 0;
    for (let index = start; index < this.count; index++) {
      const offset = (this.seconds[index] ?? NaN) - middle;
      timeSquares += offset * offset;
    }
    const times = { middle, timeSquares };
    this.#times.set(start, times);
    return times;
  }

  /** Index of the first scan that is not before the period. */
  since(slot: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const half = (low + high) >>> 1;
      if ((this.slots[half] ?? Infinity) < slot) low = half + 1;
      else high = half;
    }
    return low;
  }
}
