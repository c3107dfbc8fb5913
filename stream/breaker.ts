/**
 * Stops a task when too large a share of its records become dead letters, so that a faulty deployment does not
 * dead-letter its whole input. It looks at the last `window` records, once it has seen at least `minimum`.
 *
 * When only the records of one producer or of one key die and others live, the step works and that source is faulty. Then the
 * breaker quarantines the source: its records are not counted any more, and the others continue.
 */
import { StreamError } from './errors.ts';
import { Quarantine, type QuarantinedSource } from './quarantine.ts';

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

/** The producer's id is not known. */
export const noProducer = -1;

export class Breaker {
  readonly #died: Uint8Array;
  /** Of the records in the window. */
  readonly #keys: string[];
  readonly #producers: Float64Array;
  readonly #maxShare: number;
  readonly #minimum: number;
  readonly #quarantine: Quarantine;
  readonly #onQuarantine: (source: QuarantinedSource) => void;
  #next = 0;
  #seen = 0;
  #dead = 0;

  /** @param onQuarantine called when it begins to leave a source out */
  constructor(
    { window = 1_000, maxShare = 0.5, minimum = 100 }: BreakerOptions = {},
    onQuarantine: (source: QuarantinedSource) => void = () => undefined,
  ) {
    this.#onQuarantine = onQuarantine;
    this.#died = new Uint8Array(window);
    this.#keys = new Array<string>(window).fill('');
    this.#producers = new Float64Array(window);
    this.#maxShare = maxShare;
    this.#minimum = Math.min(minimum, window);
    this.#quarantine = new Quarantine(this.#minimum);
  }

  /** Sources whose records it does not count now. */
  get quarantined(): readonly QuarantinedSource[] {
    return this.#quarantine.sources;
  }

  /** Counts one record. Returns true when the breaker trips on it. */
  count(died: boolean, key = '', producer = noProducer): boolean {
    if (this.#quarantine.has(key, producer, died)) return false;
    this.#add(died, key, producer);
    return died && this.#isOver(this.#dead, this.#seen) && !this.#findFaultySource();
  }

  /** "600 of the last 1000 records" */
  describe(): string {
    return `${this.#dead} of the last ${this.#seen} records`;
  }

  #isOver(dead: number, seen: number): boolean {
    return seen >= this.#minimum && dead > this.#maxShare * seen;
  }

  #add(died: boolean, key: string, producer: number): void {
    const slot = this.#next;
    this.#dead += (died ? 1 : 0) - (this.#died[slot] ?? 0);
    this.#died[slot] = died ? 1 : 0;
    this.#keys[slot] = key;
    this.#producers[slot] = producer;
    this.#next = slot + 1 === this.#died.length ? 0 : slot + 1;
    if (this.#seen < this.#died.length) this.#seen += 1;
  }

  /** Quarantines a source if the records of the others show that the step works. Returns whether there is one. */
  #findFaultySource(): boolean {
    const window = Array.from({ length: this.#seen }, (_, slot) => ({
      died: this.#died[slot] === 1,
      key: this.#keys[slot] ?? '',
      producer: this.#producers[slot] ?? noProducer,
    }));
    const left = this.#quarantine.findFaulty(window, this.#maxShare);
    if (left === undefined) return false;
    [this.#next, this.#seen, this.#dead] = [0, 0, 0];
    this.#died.fill(0);
    for (const { died, key, producer } of left) this.#add(died, key, producer);
    const source = this.quarantined.at(-1);
    if (source !== undefined) this.#onQuarantine(source);
    return true;
  }
}
