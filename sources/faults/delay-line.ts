/** Holds records back until their time: a binary heap by `due`, first in first out among equals. */
export class DelayLine<T extends { readonly due: number }> {
  readonly #heap: { readonly item: T; readonly order: number }[] = [];
  #order = 0;

  add(item: T): void {
    const heap = this.#heap;
    const entry = { item, order: this.#order++ };
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || before(above, entry)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = entry;
  }

  /** Moves the records that are due before this time into `out`. */
  release(time: number, out: T[]): void {
    for (let first = this.#heap[0]; first !== undefined && first.item.due < time; first = this.#heap[0]) {
      out.push(first.item);
      this.#removeFirst();
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = heap[2 * place + 1];
      const right = heap[2 * place + 2];
      if (left === undefined) break;
      const [child, offset] = right !== undefined && before(right, left) ? [right, 2] : [left, 1];
      if (before(last, child)) break;
      heap[place] = child;
      place = 2 * place + offset;
    }
    heap[place] = last;
  }
}

interface Entry {
  readonly item: { readonly due: number };
  readonly order: number;
}

const before = (a: Entry, b: Entry): boolean =>
  a.item.due < b.item.due || (a.item.due === b.item.due && a.order < b.order);
