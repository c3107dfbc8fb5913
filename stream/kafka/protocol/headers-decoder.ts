/**
 * Decodes record headers. Records of one topic mostly have the same names in the same order, and often the same values. So
 * names are created once, and a record with the same headers as the one before shares them.
 */
import type { Headers } from '../../step.ts';

interface Name {
  readonly text: string;
  readonly bytes: Buffer;
}

export class HeadersDecoder {
  /** The names of the last record, in order. */
  readonly #names: Name[] = [];
  #last: Buffer | undefined;
  #lastHeaders: Headers | undefined;
  #bytes: Buffer = empty;
  #at = 0;

  /**
   * Decodes from `at`, where the number of headers is, up to `end`. If a header occurs several times, the last one counts, as
   * with Kafka's `lastHeader`. Values are views, not copies.
   */
  decode(bytes: Buffer, at: number, end: number): Headers | undefined {
    if (bytes[at] === 0) return undefined;
    if (this.#isSame(bytes, at, end)) return this.#lastHeaders;
    this.#bytes = bytes;
    this.#at = at;
    const headers: Record<string, Buffer | undefined> = {};
    const count = this.#length();
    for (let index = 0; index < count; index++) {
      const name = this.#name(index);
      const length = this.#length();
      if (this.#at + Math.max(length, 0) > end) throw new RangeError('a header ends outside its record');
      headers[name] = length < 0 ? undefined : bytes.subarray(this.#at, this.#at + length);
      if (length > 0) this.#at += length;
    }
    this.#last = bytes.subarray(at, end);
    this.#lastHeaders = headers;
    return headers;
  }

  #isSame(bytes: Buffer, at: number, end: number): boolean {
    const last = this.#last;
    return last !== undefined && last.length === end - at && startsWith(bytes, at, last);
  }

  #name(index: number): string {
    const length = this.#length();
    const start = this.#at;
    this.#at += length;
    const last = this.#names[index];
    if (last !== undefined && last.bytes.length === length && startsWith(this.#bytes, start, last.bytes))
      return last.text;
    const bytes = Buffer.from(this.#bytes.subarray(start, this.#at));
    const name = { text: bytes.toString(), bytes };
    this.#names[index] = name;
    return name.text;
  }

  /** Reads a small varint. */
  #length(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#at++] as number;
      value |= (byte & 0x7f) << shift;
      if (!(byte >= 0x80)) return (value >>> 1) ^ -(value & 1);
    }
  }
}

/** Compares from the end, where headers of one topic differ first: names begin alike, and ids and times come last. */
function startsWith(bytes: Buffer, at: number, expected: Buffer): boolean {
  for (let index = expected.length - 1; index >= 0; index--)
    if (bytes[at + index] !== expected[index]) return false;
  return true;
}

const empty: Buffer = Buffer.alloc(0);
