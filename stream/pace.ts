/**
 * Decides when a task's next round may begin: at once if the task has rested for the interval, otherwise when the interval
 * has passed. A transaction costs the broker, the task and the readers about the same, however many records it contains, so
 * many small transactions make a busy machine fall behind.
 */
export class Pace {
  readonly #interval: number;
  #began = Number.NEGATIVE_INFINITY;
  #goOn: (() => void) | undefined;

  /** @param interval ms from the start of one round to the start of the next */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** Resolves when a round may begin. The next interval is counted from then. */
  async turn(isPressing: boolean): Promise<void> {
    const rest = this.#began + this.#interval - performance.now();
    if (rest > 0 && !isPressing) await this.#rest(rest);
    this.#began = performance.now();
  }

  /** Ends the rest, if there is one. */
  hurry(): void {
    this.#goOn?.();
  }

  async #rest(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.#goOn = undefined;
  }
}
