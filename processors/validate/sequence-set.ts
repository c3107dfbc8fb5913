/**
 * Remembers which sequence numbers of one source have been seen, in any order of arrival. It keeps exact intervals, like
 * TCP's selective acknowledgement (RFC 2018). The number of intervals is bounded: when there are too many gaps, the oldest
 * gap is closed, and the numbers in it can no longer be distinguished from seen ones.
 */
import type { ByteReader, ByteWriter } from '../bytes.ts';

const maxIntervals = 64;

/** Bytes of the largest set in the changelog. */
export const largestSequenceSet = 8 + 4 + 2 * maxIntervals * 8;

/** `unsure`: the number is too old to be remembered exactly, so it counts as seen. */
export type Seen = 'new' | 'seen' | 'unsure';

export class SequenceSet {
  /** Closed intervals [low, high], flat, ascending, with at least one number between two of them. */
  #bounds: number[] = [];
  /** Gaps below this number have been closed. */
  #exactFrom = -Infinity;
  /** Number of gaps that were closed because there were too many, since the set is in memory. */
  closedGaps = 0;

  /** Adds the number, and returns whether it was seen before. */
  add(sequence: number): Seen {
    const bounds = this.#bounds;
    const last = bounds.length - 1;
    const highest = bounds[last];
    if (highest !== undefined && sequence === highest + 1) {
      bounds[last] = sequence; // the usual case: one after the other
      return 'new';
    }
    // The first interval that is not entirely below the number.
    let at = 0;
    if (highest !== undefined && sequence > highest) at = bounds.length;
    else while (at < bounds.length && (bounds[at + 1] ?? Infinity) < sequence) at += 2;

    if (at < bounds.length && (bounds[at] ?? Infinity) <= sequence)
      return sequence < this.#exactFrom ? 'unsure' : 'seen';
    if (sequence < this.#exactFrom) return 'unsure';
    this.#insert(at, sequence);
    return 'new';
  }

  #insert(at: number, sequence: number): void {
    const bounds = this.#bounds;
    const joinsLower = at > 0 && bounds[at - 1] === sequence - 1;
    const joinsUpper = at < bounds.length && bounds[at] === sequence + 1;
    if (joinsLower && joinsUpper) bounds.splice(at - 1, 2);
    else if (joinsLower) bounds[at - 1] = sequence;
    else if (joinsUpper) bounds[at] = sequence;
    else bounds.splice(at, 0, sequence, sequence);
    if (bounds.length > 2 * maxIntervals) {
      this.#exactFrom = bounds[2] ?? sequence;
      bounds.splice(1, 2);
      this.closedGaps++;
    }
  }

  write(to: ByteWriter): void {
    to.double(this.#exactFrom);
    to.uint(this.#bounds.length);
    for (const bound of this.#bounds) to.double(bound);
  }

  static read(from: ByteReader): SequenceSet {
    const set = new SequenceSet();
    set.#exactFrom = from.double();
    const length = from.uint();
    for (let index = 0; index < length; index++) set.#bounds.push(from.double());
    return set;
  }
}
