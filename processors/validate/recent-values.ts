/**
 * The last good values of an asset's tags, to compare new values with. Median and median absolute deviation (MAD) are
 * robust: they stay close even when nearly half of the values are wrong (Hampel 1974). 1.4826 × MAD estimates the standard
 * deviation of normal noise.
 *
 * Each tag has a ring. All rings are in one array, ordered by place. With many assets most rings are not in the CPU's
 * caches; in this order a scan touches neighbouring numbers.
 */
import { ChangedSlots } from '../ring-parts.ts';

/** Which tags have a ring, and how long each ring is. It is the same for all assets. */
export interface RecentShape {
  /** By tag; −1 for none. */
  readonly ringOf: readonly number[];
  /** By ring: its capacity in values. */
  readonly windows: readonly number[];
  /** The capacity of the longest ring. */
  readonly places: number;
}

/** @param windows by tag, in values; undefined for a tag without a ring */
export function recentShape(windows: readonly (number | undefined)[]): RecentShape {
  let rings = 0;
  const ringOf = windows.map((window) => (window === undefined ? -1 : rings++));
  const present = windows.filter((window) => window !== undefined);
  return { ringOf, windows: present, places: Math.max(0, ...present) };
}

/** The median, and the median absolute deviation from it. */
export interface Spread {
  readonly median: number;
  readonly mad: number;
}

/** The head of each ring: the number of values, the place of the next value, and bounds for all values. */
const head = { count: 0, next: 1, least: 2, most: 3 } as const;
const headSize = 4;

export class RecentValues {
  readonly shape: RecentShape;
  /** Places that the changelog does not have yet; a place counts for all rings. */
  readonly changed: ChangedSlots;
  /** The heads ring by ring, then the values: place × rings + ring. */
  readonly #numbers: Float64Array;
  readonly #rings: number;
  readonly #start: number;

  constructor(shape: RecentShape) {
    this.shape = shape;
    this.changed = new ChangedSlots(shape.places);
    this.#rings = shape.windows.length;
    this.#start = this.#rings * headSize;
    this.#numbers = new Float64Array(this.#start + this.#rings * shape.places);
    for (let ring = 0; ring < this.#rings; ring++) this.resume(ring, 0, 0);
  }

  size(ring: number): number {
    return this.shape.windows[ring] ?? 0;
  }

  count(ring: number): number {
    return this.#numbers[ring * headSize + head.count] ?? NaN;
  }

  /** The place of the next value in the ring. */
  next(ring: number): number {
    return this.#numbers[ring * headSize + head.next] ?? NaN;
  }

  /** The value at a place of the ring. */
  valueAt(ring: number, place: number): number {
    return this.#numbers[this.#start + place * this.#rings + ring] ?? NaN;
  }

  /** Whether the ring is at least half full, which is enough to judge a value. */
  isReady(ring: number): boolean {
    return this.count(ring) >= this.size(ring) / 2;
  }

  /**
   * True only if the median is within `distance` of the value; false leaves it open. It is cheap, so that most values need
   * no sorting.
   */
  isNearMedian(ring: number, value: number, distance: number): boolean {
    const at = ring * headSize;
    const least = this.#numbers[at + head.least] ?? NaN;
    const most = this.#numbers[at + head.most] ?? NaN;
    if (Math.abs(value - least) <= distance && Math.abs(value - most) <= distance) return true;
    return this.#mostAreNear(ring, value, distance);
  }

  /** The median is near when fewer than half of the values are too far below, and fewer than half too far above. */
  #mostAreNear(ring: number, value: number, distance: number): boolean {
    const count = this.count(ring);
    let [least, most, below, above] = [Infinity, -Infinity, 0, 0];
    for (let place = 0; place < count; place++) {
      const each = this.valueAt(ring, place);
      if (each < least) least = each;
      if (each > most) most = each;
      if (value - each > distance) below++;
      else if (each - value > distance) above++;
    }
    this.#bound(ring, least, most);
    return 2 * Math.max(below, above) < count;
  }

  /** Computes the spread exactly, by sorting. */
  spread(ring: number): Spread {
    const sorted = new Float64Array(this.count(ring));
    for (let place = 0; place < sorted.length; place++) sorted[place] = this.valueAt(ring, place);
    const median = middle(sorted.sort());
    const mad = middle(sorted.map((each) => Math.abs(each - median)).sort());
    return { median, mad };
  }

  push(ring: number, value: number): void {
    const numbers = this.#numbers;
    const at = ring * headSize;
    const size = this.size(ring);
    const count = this.count(ring);
    const place = this.next(ring);
    numbers[this.#start + place * this.#rings + ring] = value;
    this.changed.add(place);
    numbers[at + head.next] = place + 1 === size ? 0 : place + 1;
    if (count < size) numbers[at + head.count] = count + 1;
    if (value < (numbers[at + head.least] ?? NaN)) numbers[at + head.least] = value;
    if (value > (numbers[at + head.most] ?? NaN)) numbers[at + head.most] = value;
  }

  /** Restores the value at a place. Call `resume` afterwards. */
  putBack(ring: number, place: number, value: number): void {
    this.#numbers[this.#start + place * this.#rings + ring] = value;
  }

  /** Restores the head of a ring after `putBack`. */
  resume(ring: number, count: number, next: number): void {
    const at = ring * headSize;
    this.#numbers[at + head.count] = count;
    this.#numbers[at + head.next] = next;
    // The widest bounds; the first judged value narrows them.
    this.#bound(ring, -Infinity, Infinity);
  }

  /** Sets the bounds of all values. They may be too wide, because a value that leaves the ring does not narrow them. */
  #bound(ring: number, least: number, most: number): void {
    const at = ring * headSize;
    this.#numbers[at + head.least] = least;
    this.#numbers[at + head.most] = most;
  }
}

function middle(sorted: Float64Array): number {
  const count = sorted.length;
  if (count === 0) return NaN;
  const half = count >>> 1;
  const upper = sorted[half] ?? NaN;
  return count % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
}
