/** Compares the records that are expected with those found, and how often. It stores digests, so that millions fit. */
import { hash } from 'node:crypto';

export interface MultisetDifference {
  readonly expected: number;
  readonly found: number;
  /** Expected and not found: processed less than generated. */
  readonly lost: number;
  /** Found more often than expected: processed more than generated. */
  readonly duplicates: number;
  /** Found and never expected. */
  readonly unexpected: number;
}

export class Multiset {
  /** Digest → number of times it is still expected; negative when it was found too often. */
  readonly #open = new Map<string, number>();
  /** Digests that need not be found. */
  readonly #optional = new Set<string>();
  #expected = 0;
  #found = 0;
  #unexpected = 0;

  expect(bytes: Buffer): void {
    const key = digest(bytes);
    this.#open.set(key, (this.#open.get(key) ?? 0) + 1);
    this.#expected += 1;
  }

  /** The record may have been deleted: it is not missed, but it is found at most as often as expected. */
  allow(bytes: Buffer): void {
    this.expect(bytes);
    this.#optional.add(digest(bytes));
  }

  find(bytes: Buffer): void {
    const key = digest(bytes);
    const open = this.#open.get(key);
    this.#found += 1;
    if (open === undefined) this.#unexpected += 1;
    else this.#open.set(key, open - 1);
  }

  difference(): MultisetDifference {
    let lost = 0;
    let duplicates = 0;
    for (const [key, open] of this.#open)
      if (open < 0) duplicates -= open;
      else if (!this.#optional.has(key)) lost += open;
    return { expected: this.#expected, found: this.#found, lost, duplicates, unexpected: this.#unexpected };
  }
}

export const digest = (bytes: Buffer): string => hash('md5', bytes, 'base64');
