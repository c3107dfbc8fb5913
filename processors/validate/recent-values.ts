/**
 * The last good values of a tag, for a robust comparison with its own recent past: median and median absolute
 * deviation, which half of the values being wrong cannot move far (Hampel 1974; 1.4826 × MAD estimates the
 * standard deviation of normal noise).
 */
import { ChangedSlots } from '../ring-parts.ts';

export class RecentValues {
  /** In order of arrival, as a ring. */
  readonly #ring: Float64Array;
  /** The same values ascending, so that the median is a look-up. */
  readonly #sorted: Float64Array;
  readonly #changed: ChangedSlots;
  #count = 0;
  #next = 0;

  /** @param changed told of each place of the ring that changes */
  constructor(size: number, changed = new ChangedSlots(size)) {
    this.#changed = changed;
    this.#ring = new Float64Array(size);
    this.#sorted = new Float64Array(size);
  }

  /** Half full is enough to judge by. */
  get ready(): boolean {
    return this.#count >= this.#ring.length / 2;
  }

  get median(): number {
    return middle(this.#count, this.#sorted);
  }

  /** Median absolute deviation from the median: merges outwards from it, O(n). */
  get mad(): number {
    const { median } = this;
    const deviations = new Float64Array(this.#count);
    let right = 0;
    while (right < this.#count && this.#at(right) < median) right++;
    let left = right - 1;
    for (let index = 0; index < this.#count; index++) {
      const below = left >= 0 ? median - this.#at(left) : Infinity;
      const above = right < this.#count ? this.#at(right) - median : Infinity;
      if (below <= above) left--;
      else right++;
      deviations[index] = Math.min(below, above);
    }
    return middle(this.#count, deviations);
  }

  push(value: number): void {
    const size = this.#ring.length;
    if (this.#count === size) this.#forget(this.#ring[this.#next] ?? NaN);
    const at = this.#position(value);
    this.#sorted.copyWithin(at + 1, at, this.#count);
    this.#sorted[at] = value;
    this.#count++;
    this.#ring[this.#next] = value;
    this.#changed.add(this.#next);
    this.#next = (this.#next + 1) % size;
  }

  #at(index: number): number {
    return this.#sorted[index] ?? NaN;
  }

  #forget(value: number): void {
    const at = this.#position(value);
    this.#sorted.copyWithin(at, at + 1, this.#count);
    this.#count--;
  }

  /** Index of the first sorted value that is not below this one. */
  #position(value: number): number {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const half = (low + high) >>> 1;
      if (this.#at(half) < value) low = half + 1;
      else high = half;
    }
    return low;
  }

  get size(): number {
    return this.#ring.length;
  }

  get count(): number {
    return this.#count;
  }

  /** Where in the ring the next value goes. */
  get next(): number {
    return this.#next;
  }

  /** The value at a place of the ring. */
  valueAt(place: number): number {
    return this.#ring[place] ?? NaN;
  }

  /** Puts a value back to its place; `resume` has to follow. */
  putBack(place: number, value: number): void {
    this.#ring[place] = value;
  }

  /** Goes on with what was put back. */
  resume(count: number, next: number): void {
    this.#count = count;
    this.#next = next;
    this.#sorted.set(this.#ring.subarray(0, count));
    this.#sorted.subarray(0, count).sort();
  }
}

function middle(count: number, sorted: Float64Array): number {
  if (count === 0) return NaN;
  const half = count >>> 1;
  const upper = sorted[half] ?? NaN;
  return count % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
}
