/** Records of one partition that were fetched and are not yet processed, in order. */
import type { RawRecord } from './transport.ts';

export class InputBuffer {
  #chunks: (readonly RawRecord[])[] = [];
  /** Index of the next record in the first chunk. */
  #head = 0;
  #count = 0;
  #bytes = 0;
  #position: number;

  constructor(position: number) {
    this.#position = position;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The next offset to fetch. */
  get position(): number {
    return this.#position;
  }

  /** The offset to commit once all records taken so far are processed. */
  get consumed(): number {
    const next = this.#chunks[0]?.[this.#head];
    return next === undefined ? this.#position : next.offset;
  }

  /** Leaves out records from before the position, which were already delivered. A rejoin reads some records again. */
  push(records: readonly RawRecord[], position: number): void {
    const first = records[0];
    const fresh =
      first !== undefined && first.offset < this.#position
        ? records.filter((record) => record.offset >= this.#position)
        : records;
    if (fresh.length > 0) {
      this.#chunks.push(fresh);
      this.#count += fresh.length;
      for (const record of fresh) this.#bytes += record.value?.length ?? 0;
    }
    if (position > this.#position) this.#position = position;
  }

  /** Takes up to `max` records. A single chunk that fits is returned without copying. */
  take(max: number): readonly RawRecord[] {
    const first = this.#chunks[0];
    if (first === undefined) return [];
    if (this.#head === 0 && first.length <= max && (this.#chunks.length === 1 || first.length === max)) {
      this.#chunks.shift();
      return this.#taken(first);
    }
    const taken: RawRecord[] = [];
    while (taken.length < max) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) break;
      const end = Math.min(chunk.length, this.#head + max - taken.length);
      for (let i = this.#head; i < end; i++) taken.push(chunk[i] as RawRecord);
      this.#head = end;
      if (end === chunk.length) {
        this.#chunks.shift();
        this.#head = 0;
      }
    }
    return this.#taken(taken);
  }

  #taken(records: readonly RawRecord[]): readonly RawRecord[] {
    this.#count -= records.length;
    for (const record of records) this.#bytes -= record.value?.length ?? 0;
    return records;
  }
}
