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
  #expected = 0;
  #found = 0;
  #unexpected = 0;

  expect(bytes: Buffer): void {
    const key = digest(bytes);
    this.#open.set(key, (this.#open.get(key) ?? 0) + 1);
    this.#expected += 1;
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
    for (const open of this.#open.values())
      if (open > 0) lost += open;
      else duplicates -= open;
    return { expected: this.#expected, found: this.#found, lost, duplicates, unexpected: this.#unexpected };
  }
}

export const digest = (bytes: Buffer): string => hash('md5', bytes, 'base64');
