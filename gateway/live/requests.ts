/**
 * The requests of one client, served one at a time: the next one begins when the answer to the last one has left this process.
 * So a client that asks and does not read costs one answer. What a client has asked for ends with the client.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Turns } from './turns.ts';
import type { Wire } from './wire.ts';

export interface LiveRequest {
  /** A join replaces one that still waits. */
  readonly isJoin: boolean;
  /** Gives the answer to the client. @param gone aborts when the client is gone */
  serve(gone: AbortSignal): Promise<void>;
  refuse(problem: string): void;
}

export const requestLimits = {
  /** Requests that a client may make at once. */
  burst: 20,
  perMinute: 60,
  waiting: 32,
} as const;

export class Requests {
  readonly #turns: Turns;
  readonly #wire: Wire;
  readonly #pace = new RequestPace(requestLimits.burst, requestLimits.perMinute);
  readonly #gone = new AbortController();
  #waiting: LiveRequest[] = [];
  #isWorking = false;

  constructor(turns: Turns, wire: Wire) {
    this.#turns = turns;
    this.#wire = wire;
  }

  add(request: LiveRequest): void {
    if (this.#gone.signal.aborted) return;
    if (request.isJoin) {
      for (const older of this.#waiting.filter(({ isJoin }) => isJoin))
        older.refuse('a newer join has replaced this one');
      this.#waiting = this.#waiting.filter(({ isJoin }) => !isJoin);
    }
    if (this.#waiting.length >= requestLimits.waiting) {
      request.refuse(
        `${requestLimits.waiting} requests of this client are waiting already; wait for their answers`,
      );
      return;
    }
    this.#waiting.push(request);
    if (!this.#isWorking) void this.#work();
  }

  /** The client is gone: drops what waits, and stops what is being made. */
  close(): void {
    this.#waiting = [];
    this.#gone.abort();
  }

  async #work(): Promise<void> {
    const { signal } = this.#gone;
    this.#isWorking = true;
    try {
      while (this.#waiting.length > 0) {
        await this.#wire.drained();
        await wait(this.#pace.take(Date.now()), undefined, { signal });
        await this.#turns.take(signal, async () => this.#waiting.shift()?.serve(signal));
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#isWorking = false;
    }
  }
}

/** A number at once, and then a number per minute. */
export class RequestPace {
  readonly #burst: number;
  readonly #every: number;
  /** When the next one is due if all were made evenly, ms since the epoch. */
  #due = 0;

  constructor(burst: number, perMinute: number) {
    this.#burst = burst;
    this.#every = 60_000 / perMinute;
  }

  /** Takes the next place. @returns ms to wait for it */
  take(now: number): number {
    this.#due = Math.max(this.#due, now - (this.#burst - 1) * this.#every);
    const pause = Math.max(0, this.#due - now);
    this.#due += this.#every;
    return pause;
  }
}
