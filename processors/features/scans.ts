/**
 * The recent scans of an asset on a grid of periods, in a ring. Two readings in one period are one scan. The later by
 * (event time, sequence, source) counts, in whichever order they came.
 *
 * A gateway that scans on the second sends times a few ms before or after it. On a grid that begins on the second, two such
 * scans often lie in one period, and none in the next. So the periods of an asset begin where its scans are not: on the grid,
 * or a quarter of a period before it. The latest scan decides which.
 *
 * All numbers of a scan are contiguous in one array. With many assets most scans are not in the CPU's caches, so each scan
 * should need few cache lines.
 */
import { longestLook } from '../../processes/features.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Treatment, ValidatedReading } from '../../schemas/generated/types.ts';
import { ChangedSlots } from '../ring-parts.ts';

/** What validation did to a value in the grid. */
export const marks = { missing: 0, measured: 1, flagged: 2, held: 3 } as const;

const markOf: Readonly<Record<Treatment, number>> = {
  MEASURED: marks.measured,
  FLAGGED: marks.flagged,
  HELD: marks.held,
  MISSING: marks.missing,
  DROPPED: marks.missing,
};

/** A reading that does not count, because another one of the same period does. */
export interface Superseded {
  readonly eventTime: number;
  readonly sequence: number;
  readonly source: string;
}

export interface ScanShape {
  readonly period: number;
  readonly tags: readonly string[];
  /** Number of periods in the grid. */
  readonly capacity: number;
}

/** The grid has room for the longest look back from the watermark, and for the grace period ahead of it. */
export function scanShape(definition: ProcessDefinition): ScanShape {
  const { period, grace } = definition.time;
  const capacity = Math.ceil((longestLook(definition) + grace) / period) + 2;
  return { period, tags: definition.tags.map((tag) => tag.id), capacity };
}

/** The longest window, ms. */
export const longestWindow = ({ features }: ProcessDefinition): number =>
  Math.max(...Object.values(features.windows));

/** The numbers before a scan's values: its period (event time ÷ period, rounded down; NaN for none), its event time in ms, its sequence number. */
const head = { slot: 0, time: 1, sequence: 2 } as const;
export const headSize = 3;

/**
 * Phases of the latest scan, as shares of a period. From `onGridFrom` to `onGridUntil` the asset's periods begin on the grid,
 * from `earlyFrom` on and before `onGridFrom` a quarter of a period earlier. In between they stay as they are, so that they do not
 * change with every scan of an asset that scans there.
 */
const onGridFrom = 0.25;
const onGridUntil = 0.75;
const earlyFrom = 0.9;

export class Scans {
  readonly shape: ScanShape;
  /** For each place: the head, then a value per tag, NaN where there is none. */
  readonly numbers: Float64Array;
  readonly sources: string[];
  /** By place and tag: place × width + tag. */
  readonly marks: Uint8Array;
  /** Number of tags. */
  readonly width: number;
  /** Numbers per place. */
  readonly stride: number;
  /** Places that the changelog does not have yet. */
  readonly changed: ChangedSlots;

  constructor(shape: ScanShape) {
    const { capacity, tags } = shape;
    this.shape = shape;
    this.width = tags.length;
    this.stride = headSize + tags.length;
    this.changed = new ChangedSlots(capacity);
    this.numbers = new Float64Array(capacity * this.stride).fill(NaN);
    this.sources = new Array<string>(capacity).fill('');
    this.marks = new Uint8Array(capacity * tags.length);
  }

  slotOf(eventTime: number): number {
    return Math.floor(eventTime / this.shape.period);
  }

  /**
   * The period of a reading. A reading in the last quarter of a period belongs to the next one when the asset's periods begin
   * that much earlier.
   * @param latest the event time of the asset's latest scan, ms; −Infinity for none
   */
  periodOf(eventTime: number, latest: number): number {
    const slot = this.slotOf(eventTime);
    if (this.#phaseOf(eventTime) < onGridUntil * this.shape.period) return slot;
    return latest === -Infinity || this.#beginsEarly(latest) ? slot + 1 : slot;
  }

  /** How long after the last point of the grid a time is, ms. */
  #phaseOf(time: number): number {
    return time - this.slotOf(time) * this.shape.period;
  }

  /** Whether the asset's periods begin before the grid. Between `onGridUntil` and `earlyFrom` the latest scan's own period says so. */
  #beginsEarly(latest: number): boolean {
    const phase = this.#phaseOf(latest);
    const { period } = this.shape;
    if (phase < onGridFrom * period || phase >= earlyFrom * period) return true;
    if (phase < onGridUntil * period) return false;
    const next = this.slotOf(latest) + 1;
    return this.has(next) && this.timeAt(this.placeOf(next)) === latest;
  }

  /** The place in the ring for a period. */
  placeOf(slot: number): number {
    const { capacity } = this.shape;
    return ((slot % capacity) + capacity) % capacity;
  }

  has(slot: number): boolean {
    return this.slotAt(this.placeOf(slot)) === slot;
  }

  /** The period of the scan at a place; NaN when the place is empty. */
  slotAt(place: number): number {
    return this.numbers[place * this.stride + head.slot] ?? NaN;
  }

  /** The event time of the scan at a place, ms. */
  timeAt(place: number): number {
    return this.numbers[place * this.stride + head.time] ?? NaN;
  }

  /** The index in `numbers` at which the values of a place begin. */
  valuesFrom(place: number): number {
    return place * this.stride + headSize;
  }

  /** The event time of the latest scan, ms; −Infinity when there is none. */
  get latest(): number {
    let latest = -Infinity;
    for (let place = 0; place < this.shape.capacity; place++) {
      const time = this.timeAt(place);
      if (!Number.isNaN(this.slotAt(place)) && time > latest) latest = time;
    }
    return latest;
  }

  clear(): void {
    this.numbers.fill(NaN);
    this.sources.fill('');
    this.marks.fill(marks.missing);
    this.changed.addAll();
  }

  /**
   * Stores a reading.
   * @param slot its period, as from `periodOf`; default: on the grid
   * @returns the reading that does not count, when the period now has had two
   */
  put(reading: ValidatedReading, slot = this.slotOf(reading.eventTime)): Superseded | undefined {
    const { eventTime, sequence, source, measurements } = reading;
    const { width, numbers } = this;
    const place = this.placeOf(slot);
    let yielding: Superseded | undefined;
    if (this.slotAt(place) === slot) {
      const there = this.#identity(place);
      if (isAfter(there, reading)) return { eventTime, sequence, source };
      yielding = there;
    }
    const at = place * this.stride;
    numbers[at + head.slot] = slot;
    numbers[at + head.time] = eventTime;
    numbers[at + head.sequence] = sequence;
    this.sources[place] = source;
    this.changed.add(place);
    const values = at + headSize;
    const treated = place * width;
    for (let tag = 0; tag < width; tag++) {
      const measurement = measurements[tag];
      numbers[values + tag] = measurement?.value ?? NaN;
      this.marks[treated + tag] = measurement === undefined ? marks.missing : markOf[measurement.treatment];
    }
    return yielding;
  }

  #identity(place: number): Superseded {
    return {
      eventTime: this.timeAt(place),
      sequence: this.numbers[place * this.stride + head.sequence] ?? NaN,
      source: this.sources[place] ?? '',
    };
  }
}

function isAfter(a: Superseded, b: Superseded): boolean {
  if (a.eventTime !== b.eventTime) return a.eventTime > b.eventTime;
  if (a.sequence !== b.sequence) return a.sequence > b.sequence;
  return a.source > b.source;
}
