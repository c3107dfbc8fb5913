/**
 * The recent scans of an asset on a grid of periods: scan by scan, in a ring. Two readings of one period are one scan; the
 * later by (event time, sequence, source) counts, whatever order they came in.
 *
 * All numbers of a scan lie side by side in one array: of many assets most scans are not in the processor's caches.
 */
import { longestLook } from '../../processes/features.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Treatment, ValidatedReading } from '../../schemas/generated/types.ts';
import { ChangedSlots } from '../ring-parts.ts';

/** How a value in the grid came to be. */
export const marks = { missing: 0, measured: 1, flagged: 2, held: 3 } as const;

const markOf: Readonly<Record<Treatment, number>> = {
  MEASURED: marks.measured,
  FLAGGED: marks.flagged,
  HELD: marks.held,
  MISSING: marks.missing,
  DROPPED: marks.missing,
};

/** A reading that another of the same period stands before. */
export interface Superseded {
  readonly eventTime: number;
  readonly sequence: number;
  readonly source: string;
}

export interface ScanShape {
  readonly period: number;
  readonly tags: readonly string[];
  /** How many periods the grid holds. */
  readonly capacity: number;
}

/** Enough for the longest look back from the watermark, and the grace ahead of it. */
export function scanShape(definition: ProcessDefinition): ScanShape {
  const { period, grace } = definition.time;
  const capacity = Math.ceil((longestLook(definition) + grace) / period) + 2;
  return { period, tags: definition.tags.map((tag) => tag.id), capacity };
}

/** The longest window, ms. */
export const longestWindow = ({ features }: ProcessDefinition): number =>
  Math.max(...Object.values(features.windows));

/** What stands before a scan's values: its period (event time / period, whole; NaN for none), its event time in ms. */
const head = { slot: 0, time: 1, sequence: 2 } as const;
const headSize = 3;

export class Scans {
  readonly shape: ScanShape;
  /** Place by place: the head, then a value per tag, NaN where there is none. */
  readonly numbers: Float64Array;
  readonly sources: string[];
  /** By place and tag: place × width + tag. */
  readonly marks: Uint8Array;
  /** How many tags there are. */
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

  /** Where a period is kept. */
  placeOf(slot: number): number {
    const { capacity } = this.shape;
    return ((slot % capacity) + capacity) % capacity;
  }

  has(slot: number): boolean {
    return this.slotAt(this.placeOf(slot)) === slot;
  }

  /** Which period a place holds; NaN for none. */
  slotAt(place: number): number {
    return this.numbers[place * this.stride + head.slot] ?? NaN;
  }

  /** Event time of the scan there, ms. */
  timeAt(place: number): number {
    return this.numbers[place * this.stride + head.time] ?? NaN;
  }

  /** Where the values of the scan there begin among the numbers. */
  valuesFrom(place: number): number {
    return place * this.stride + headSize;
  }

  /** Event time of the latest scan that is there, ms; −Infinity when there is none. */
  get latest(): number {
    let latest = -Infinity;
    for (let place = 0; place < this.shape.capacity; place++) {
      const time = this.timeAt(place);
      if (!Number.isNaN(this.slotAt(place)) && time > latest) latest = time;
    }
    return latest;
  }

  /** Takes a reading in; gives back the one that has to yield when the period had one already. */
  put(reading: ValidatedReading): Superseded | undefined {
    const { eventTime, sequence, source, measurements } = reading;
    const { width, numbers } = this;
    const slot = this.slotOf(eventTime);
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
