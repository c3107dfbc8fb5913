/**
 * Stops a task when too large a share of its records become dead letters, so that a faulty deployment does not
 * dead-letter its whole input. It looks at the last `window` records, once it has seen at least `minimum`.
 */
import { StreamError } from './errors.ts';

export interface BreakerOptions {
  /** Number of latest records that it looks at; default 1,000. */
  readonly window?: number;
  /** The breaker trips above this share of dead letters in the window; default 0.5. */
  readonly maxShare?: number;
  /** The breaker never trips before it has seen this number of records; default 100. */
  readonly minimum?: number;
}

/** A breaker has tripped. */
export class BreakerOpen extends StreamError {
  readonly step: string;
  /** The topic of the record that was one too many. */
  readonly topic: string;
  /** "600 of the last 1000 records could not be processed" */
  readonly why: string;

  constructor(step: string, topic: string, why: string) {
    super(
      'BREAKER_OPEN',
      `step ${step}: ${why}; the task has stopped and has committed nothing of this batch. ` +
        'Fix the producer or the step; then tell the breaker to go on.',
    );
    this.step = step;
    this.topic = topic;
    this.why = why;
  }
}

export class Breaker {
  readonly #died: Uint8Array;
  readonly #maxShare: number;
  readonly #minimum: number;
  #next = 0;
  #seen = 0;
  #dead = 0;

  constructor({ window = 1_000, maxShare = 0.5, minimum = 100 }: BreakerOptions = {}) {
    this.#died = new Uint8Array(window);
    this.#maxShare = maxShare;
    this.#minimum = Math.min(minimum, window);
  }

  /** Counts one record. Returns true when the breaker trips on it. */
  count(died: boolean): boolean {
    const slot = this.#next;
    this.#dead += (died ? 1 : 0) - (this.#died[slot] ?? 0);
    this.#died[slot] = died ? 1 : 0;
    this.#next = slot + 1 === this.#died.length ? 0 : slot + 1;
    if (this.#seen < this.#died.length) this.#seen += 1;
    return died && this.#seen >= this.#minimum && this.#dead > this.#maxShare * this.#seen;
  }

  /** "600 of the last 1000 records" */
  describe(): string {
    return `${this.#dead} of the last ${this.#seen} records`;
  }
}
