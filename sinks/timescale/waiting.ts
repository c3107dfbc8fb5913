/** Waiting for a part that is away: try again for ever, more and more rarely, and say so once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamLog } from '../../stream/observer.ts';
import type { Part, SinkObserver } from './observer.ts';

export const backOff = { first: 100, most: 5_000 } as const;

export class Waiting {
  readonly #log: StreamLog;
  readonly #observer: SinkObserver;
  readonly #signal: AbortSignal;
  readonly #since = new Map<Part, { readonly at: number; readonly why: string }>();

  /** @param signal ends all waiting */
  constructor(log: StreamLog, observer: SinkObserver, signal: AbortSignal) {
    this.#log = log;
    this.#observer = observer;
    this.#signal = signal;
  }

  /** What is being waited for and why. */
  get problems(): readonly string[] {
    return [...this.#since].map(([part, { why }]) => `${part}: ${why}`);
  }

  /**
   * @param attempt resolves with `undefined` to be tried again after a while
   * @returns undefined when the waiting was ended
   */
  async until<T extends object>(
    part: Part,
    attempt: (failed: (why: string, remedy: string) => void) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    for (
      let delay: number = backOff.first;
      !this.#signal.aborted;
      delay = Math.min(2 * delay, backOff.most)
    ) {
      const result = await attempt((why, remedy) => {
        this.#away(part, why, remedy);
      });
      if (result !== undefined) {
        this.#back(part);
        return result;
      }
      await sleep(delay, undefined, { signal: this.#signal }).catch(() => undefined);
    }
    return undefined;
  }

  #away(part: Part, why: string, remedy: string): void {
    if (this.#since.get(part)?.why === why) return;
    this.#log.warn(
      { part, why, remedy },
      `the sink waits for the ${part}: ${why}; ${remedy}. Records stay on Kafka meanwhile`,
    );
    const at = this.#since.get(part)?.at ?? Date.now();
    if (!this.#since.has(part)) this.#observer.waiting?.(part, true);
    this.#since.set(part, { at, why });
  }

  #back(part: Part): void {
    const since = this.#since.get(part);
    if (since === undefined) return;
    this.#since.delete(part);
    this.#observer.waiting?.(part, false);
    this.#log.info(
      { part, seconds: (Date.now() - since.at) / 1000 },
      `the ${part} is back, the sink goes on`,
    );
  }
}
