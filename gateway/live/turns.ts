/** Lets a few work at the same time; the others wait in the order in which they came. */
export class Turns {
  readonly #mayBegin: () => boolean;
  readonly #waiting = new Set<() => void>();
  #free: number;

  /** @param mayBegin asked before a turn begins; call `next` when its answer may have changed */
  constructor(atOnce: number, mayBegin: () => boolean) {
    this.#free = atOnce;
    this.#mayBegin = mayBegin;
  }

  /** Works when it is its turn. @throws the signal's reason if that comes first: its place in the queue is given up */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#begin(signal);
    try {
      return await work();
    } finally {
      this.#free += 1;
      this.next();
    }
  }

  next(): void {
    for (const begin of this.#waiting) {
      if (this.#free === 0 || !this.#mayBegin()) return;
      this.#waiting.delete(begin);
      this.#free -= 1;
      begin();
    }
  }

  #begin(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(begin);
        reject(signal.reason instanceof Error ? signal.reason : new Error('given up'));
      };
      const begin = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(begin);
      this.next();
    });
  }
}
