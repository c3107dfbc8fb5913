/** Waits for a part that is unreachable: retries for ever with growing pauses, and logs the outage once. */
import { Backoff } from '../../../base/retry.ts';
import type { StreamLog } from '../../../stream/index.ts';
import type { SinkPart, SinkObserver } from './observer.ts';

const pauses = { first: 100, longest: 5_000 };

/** ms. An attempt at the database that takes longer is reported while it goes on: a lock may hold it, and everything after it. */
const slowAfter = 10_000;

interface Absence {
  readonly since: number;
  /** The last reason for each waiter. The part is back when it has answered all waiters. */
  readonly waiting: Map<symbol, string>;
}

export class Waiting {
  readonly #log: StreamLog;
  readonly #observer: SinkObserver;
  readonly #signal: AbortSignal;
  readonly #absences = new Map<SinkPart, Absence>();

  readonly #slowAfter: number;

  /** @param signal ends all waiting */
  constructor(log: StreamLog, observer: SinkObserver, signal: AbortSignal, slow = slowAfter) {
    this.#slowAfter = slow;
    this.#log = log;
    this.#observer = observer;
    this.#signal = signal;
  }

  /** The parts that the sink waits for, and why. */
  get problems(): readonly string[] {
    return [...this.#absences].flatMap(([part, { waiting }]) =>
      [...new Set(waiting.values())].map((why) => `${part}: ${why}`),
    );
  }

  /**
   * Repeats an attempt until it succeeds.
   * @param attempt resolves with `undefined` to be repeated after a pause
   * @returns undefined when the signal has ended the wait
   */
  async until<T extends object>(
    part: SinkPart,
    attempt: (failed: (why: string, remedy: string) => void) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const waiter = Symbol(part);
    const backoff = new Backoff(pauses);
    while (!this.#signal.aborted) {
      const result = await this.#watched(part, waiter, () =>
        attempt((why, remedy) => {
          this.#away(part, waiter, why, remedy);
        }),
      );
      if (result !== undefined) {
        this.#answered(part, waiter);
        return result;
      }
      await backoff.pause(this.#signal);
    }
    return undefined;
  }

  /** Reports an attempt at the database that has not ended after `slowAfter`. Its end is reported as any other. */
  async #watched<T>(part: SinkPart, waiter: symbol, attempt: () => Promise<T>): Promise<T> {
    if (part !== 'database') return attempt();
    const timer = setTimeout(() => {
      const why = `a statement has not ended for ${this.#slowAfter / 1_000} s`;
      this.#away(part, waiter, why, 'look for locks in pg_stat_activity, where wait_event_type is Lock');
    }, this.#slowAfter);
    try {
      return await attempt();
    } finally {
      clearTimeout(timer);
    }
  }

  #away(part: SinkPart, waiter: symbol, why: string, remedy: string): void {
    const absence = this.#absences.get(part);
    const isSaid = [...(absence?.waiting.values() ?? [])].includes(why);
    absence?.waiting.set(waiter, why);
    if (isSaid) return;
    this.#log.warn(
      { part, why, remedy },
      `the sink waits for the ${part}: ${why}; ${remedy}. Records stay on Kafka until then`,
    );
    if (absence !== undefined) return;
    this.#absences.set(part, { since: Date.now(), waiting: new Map([[waiter, why]]) });
    this.#observer.waiting?.(part, true);
  }

  #answered(part: SinkPart, waiter: symbol): void {
    const absence = this.#absences.get(part);
    if (absence?.waiting.delete(waiter) !== true || absence.waiting.size > 0) return;
    this.#absences.delete(part);
    this.#observer.waiting?.(part, false);
    this.#log.info(
      { part, seconds: (Date.now() - absence.since) / 1000 },
      `the ${part} is back; the sink continues`,
    );
  }
}
