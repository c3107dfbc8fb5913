/** Wakes one waiter. When there is no waiter, a `set` is remembered until the next `wait`. */
export class Signal {
  #set = false;
  #wake: (() => void) | undefined;

  set(): void {
    if (this.#wake === undefined) {
      this.#set = true;
      return;
    }
    const wake = this.#wake;
    this.#wake = undefined;
    wake();
  }

  wait(): Promise<void> {
    if (this.#set) {
      this.#set = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
