/**
 * The scans that one row looks back on, oldest first. They are found and copied once, then used for every tag and window.
 * The values of one tag are contiguous here, because its statistics read them in sequence.
 */
import type { Scans } from './scans.ts';

interface Times {
  /** Mean of the scans' times, and the sum of their squared deviations from it. */
  readonly middle: number;
  readonly timeSquares: number;
}

export class ScanFrame {
  /** The place of each scan in the ring. */
  readonly places: Int32Array;
  /** The period of each scan. */
  readonly slots: Float64Array;
  /** The event time of each scan, in seconds from the row's end (negative). */
  readonly seconds: Float64Array;
  /** Tag by tag from `columnOf(tag)` on; NaN where there is no value. */
  readonly values: Float64Array;
  readonly #capacity: number;
  count = 0;
  /** Results of `times` since the frame was filled, by first scan. */
  readonly #times = new Map<number, Times>();

  /** @param capacity the largest number of scans */
  constructor(capacity: number, tags: number) {
    this.#capacity = capacity;
    this.values = new Float64Array(capacity * tags);
    this.places = new Int32Array(capacity);
    this.slots = new Float64Array(capacity);
    this.seconds = new Float64Array(capacity);
  }

  /** Replaces the contents with the scans of the periods `from` to `to` (exclusive). */
  fill(scans: Scans, from: number, to: number): void {
    const { capacity, period } = scans.shape;
    const end = to * period;
    let count = 0;
    let place = scans.placeOf(from);
    for (let slot = from; slot < to; slot++) {
      if (scans.slotAt(place) === slot) {
        this.places[count] = place;
        this.slots[count] = slot;
        this.seconds[count] = (scans.timeAt(place) - end) / 1_000;
        this.#copyValues(scans, place, count);
        count++;
      }
      if (++place === capacity) place = 0;
    }
    this.count = count;
    this.#times.clear();
  }

  #copyValues(scans: Scans, place: number, index: number): void {
    const { numbers, width } = scans;
    const from = scans.valuesFrom(place);
    for (let tag = 0, to = index; tag < width; tag++, to += this.#capacity)
      this.values[to] = numbers[from + tag] ?? NaN;
  }

  /** Where a tag's values begin. */
  columnOf(tag: number): number {
    return tag * this.#capacity;
  }

  /** Describes the times of all scans from `start` on. They are the same for every tag that has a value in each scan. */
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

  /** Index of the first scan in the period or later. */
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
