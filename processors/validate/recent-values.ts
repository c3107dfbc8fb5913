/**
 * The last good values of an asset's tags, for a robust comparison with their own recent past: median and median absolute
 * deviation, which half of the values being wrong cannot move far (Hampel 1974; 1.4826 × MAD estimates the standard
 * deviation of normal noise).
 *
 * A ring per tag, all in one array and place by place: of many assets most rings are not in the processor's caches, and a
 * scan then touches neighbours.
 */
import { ChangedSlots } from '../ring-parts.ts';

/** Which tags have a ring, and how long each is: the same for all assets. */
export interface RecentShape {
  /** By tag; −1 for none. */
  readonly ringOf: readonly number[];
  /** By ring: how many values it holds. */
  readonly windows: readonly number[];
  /** The longest ring. */
  readonly places: number;
}

/** @param windows by tag, in values; undefined for a tag without a ring */
export function recentShape(windows: readonly (number | undefined)[]): RecentShape {
  let rings = 0;
  const ringOf = windows.map((window) => (window === undefined ? -1 : rings++));
  const present = windows.filter((window) => window !== undefined);
  return { ringOf, windows: present, places: Math.max(0, ...present) };
}

/** Median and median absolute deviation from it. */
export interface Spread {
  readonly median: number;
  readonly mad: number;
}

/** What is kept of each ring before the values: how many there are, where the next goes, and what all lie between. */
const head = { count: 0, next: 1, least: 2, most: 3 } as const;
const headSize = 4;

export class RecentValues {
  readonly shape: RecentShape;
  /** Places that the changelog does not have yet, of all rings taken together. */
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

  /** Where in the ring the next value goes. */
  next(ring: number): number {
    return this.#numbers[ring * headSize + head.next] ?? NaN;
  }

  /** The value at a place of the ring. */
  valueAt(ring: number, place: number): number {
    return this.#numbers[this.#start + place * this.#rings + ring] ?? NaN;
  }

  /** Half full is enough to judge by. */
  isReady(ring: number): boolean {
    return this.count(ring) >= this.size(ring) / 2;
  }

  /** Whether the median is surely within `distance` of the value; false says nothing. Spares most values the sorting. */
  isNearMedian(ring: number, value: number, distance: number): boolean {
    const at = ring * headSize;
    const least = this.#numbers[at + head.least] ?? NaN;
    const most = this.#numbers[at + head.most] ?? NaN;
    if (Math.abs(value - least) <= distance && Math.abs(value - most) <= distance) return true;
    return this.#mostAreNear(ring, value, distance);
  }

  /** The middle values are near when fewer than half lie too far below, and fewer than half too far above. */
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

  /** By sorting. */
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

  /** Puts a value back to its place; `resume` has to follow. */
  putBack(ring: number, place: number, value: number): void {
    this.#numbers[this.#start + place * this.#rings + ring] = value;
  }

  /** Goes on with what was put back. */
  resume(ring: number, count: number, next: number): void {
    const at = ring * headSize;
    this.#numbers[at + head.count] = count;
    this.#numbers[at + head.next] = next;
    // As wide as can be: the first value that is judged draws them.
    this.#bound(ring, -Infinity, Infinity);
  }

  /** All values lie between these, which may be wider than needed: a value that leaves the ring does not move them. */
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
