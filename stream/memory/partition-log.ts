/** One partition in memory: an append-only log in which, as in Kafka, transaction markers also take offsets. */
import type { RawRecord } from '../transport.ts';

export class PartitionLog {
  readonly #records: RawRecord[] = [];
  #beginning = 0;
  #end = 0;
  readonly #waiters = new Set<() => void>();

  /** The next offset to be written. */
  get end(): number {
    return this.#end;
  }

  /** The earliest offset that still exists. */
  get beginning(): number {
    return this.#beginning;
  }

  /** Deletes the records before the offset, as retention does. */
  deleteBefore(offset: number): void {
    this.#beginning = Math.max(this.#beginning, Math.min(offset, this.#end));
    this.#records.splice(0, lowerBound(this.#records, this.#beginning));
  }

  append(record: Omit<RawRecord, 'offset'>): void {
    this.#records.push({ ...record, offset: this.#end });
    this.#end += 1;
    this.#wake();
  }

  /** Appends what a committed transaction leaves: an offset without a record. */
  appendMarker(): void {
    this.#end += 1;
    this.#wake();
  }

  /** Returns up to `max` records from `offset` on, and the position after them. */
  read(offset: number, max: number): { readonly records: readonly RawRecord[]; readonly position: number } {
    const from = lowerBound(this.#records, offset);
    const records = this.#records.slice(from, from + max);
    const next = this.#records[from + records.length];
    return { records, position: Math.max(offset, next?.offset ?? this.#end) };
  }

  /** Calls `wake` on every append until the returned function is called. */
  watch(wake: () => void): () => void {
    this.#waiters.add(wake);
    return () => this.#waiters.delete(wake);
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
  }
}

/** Returns the index of the first record at or after the offset. */
function lowerBound(records: readonly RawRecord[], offset: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const record = records[middle];
    if (record !== undefined && record.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
