/** Computes the health of a live source from its events, and from events that are missing for too long. */
import type { LiveHealth, LiveState } from './source.ts';

export interface HealthOptions {
  /** The name of the source in problem texts. */
  readonly what: string;
  /** ms without a value, while the source listens, after which it is `silent`. */
  readonly silentAfter: number;
  /** ms since the epoch. */
  readonly clock: () => number;
}

/** After this time without a request from the publisher, in ms, the source is paused. */
const pausedAfter = 1_000;

/** A live source calls these methods when something happens, and returns `now()` as its health. */
export class HealthTracker {
  readonly #options: HealthOptions;
  readonly #begun: number;
  /** When the publisher took the batch that it still has; undefined while it asks for one. */
  #givenAt: number | undefined;
  /** From when on the time without a value counts; undefined before the source listens. */
  #quietFrom: number | undefined;
  #lastValueAt: number | undefined;
  #receivingSince: number | undefined;
  #lost: { readonly since: number; readonly problem: string } | undefined;
  #endedAt: number | undefined;
  #position: string | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#begun = options.clock();
  }

  /** The publisher asks for the next batch. */
  asked(): void {
    const now = this.#options.clock();
    // The source could receive nothing while it was paused, so that time does not count as silence.
    if (this.#quietFrom === undefined || this.#isPaused(now)) this.#quietFrom = now;
    this.#givenAt = undefined;
  }

  /** The publisher has a batch, and the source waits for it to ask again. */
  given(): void {
    this.#givenAt = this.#options.clock();
  }

  /** A usable value came in. */
  received(): void {
    const now = this.#options.clock();
    if (this.#state(now).state !== 'receiving') this.#receivingSince = now;
    this.#lost = undefined;
    this.#lastValueAt = this.#quietFrom = now;
  }

  /** The source cannot reach what it listens to. @param problem one sentence */
  lost(problem: string): void {
    this.#lost = { since: this.#lost?.since ?? this.#options.clock(), problem };
  }

  /** The source reaches what it listens to. */
  found(): void {
    this.#lost = undefined;
  }

  ended(): void {
    this.#endedAt ??= this.#options.clock();
  }

  acknowledged(position: string): void {
    this.#position = position;
  }

  now(): LiveHealth {
    const state = this.#state(this.#options.clock());
    return { problem: undefined, ...state, lastValueAt: this.#lastValueAt, position: this.#position };
  }

  #isPaused(now: number): boolean {
    return this.#givenAt !== undefined && now - this.#givenAt > pausedAfter;
  }

  #state(now: number): { readonly state: LiveState; readonly since: number; readonly problem?: string } {
    const { what, silentAfter } = this.#options;
    if (this.#endedAt !== undefined) return { state: 'ended', since: this.#endedAt };
    if (this.#givenAt !== undefined && this.#isPaused(now)) {
      const problem = `${what} is paused: Kafka has not acknowledged its records for ${seconds(now - this.#givenAt)}.`;
      return { state: 'paused', since: this.#givenAt, problem };
    }
    if (this.#lost !== undefined) return { state: 'lost', ...this.#lost };
    if (this.#quietFrom !== undefined && now - this.#quietFrom > silentAfter) {
      const problem = `${what} is silent: no usable value has come for ${seconds(now - this.#quietFrom)}.`;
      return { state: 'silent', since: this.#quietFrom + silentAfter, problem };
    }
    if (this.#receivingSince === undefined) return { state: 'waiting', since: this.#begun };
    return { state: 'receiving', since: this.#receivingSince };
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
