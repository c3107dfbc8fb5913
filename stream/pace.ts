/**
 * When a task's next round may begin: at once after a rest, otherwise so long after the one before. A transaction costs
 * broker, task and readers about the same whatever it holds, so that many small ones are what makes a busy machine late.
 */
export class Pace {
  readonly #interval: number;
  #began = Number.NEGATIVE_INFINITY;
  #goOn: (() => void) | undefined;

  /** @param interval ms from the beginning of one round to that of the next */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** Resolves when a round may begin, which it is taken to do then. */
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
