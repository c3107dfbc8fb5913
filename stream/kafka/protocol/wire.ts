/**
 * The primitive types of Kafka's protocol, in the flexible ("compact") forms that all requests here use.
 *
 * Source: Apache Kafka protocol guide, "Protocol primitive types"; KIP-482 for compact types and tagged fields.
 * 64-bit integers are numbers: offsets, timestamps and producer ids stay far below 2^53.
 */
const two32 = 2 ** 32;
const uuidBytes = 16;

/** Reads forward through a response. Reading past the end throws a RangeError. */
export class WireReader {
  readonly buffer: Buffer;
  at = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  int8(): number {
    const value = this.buffer.readInt8(this.at);
    this.at += 1;
    return value;
  }

  int16(): number {
    const value = this.buffer.readInt16BE(this.at);
    this.at += 2;
    return value;
  }

  int32(): number {
    const value = this.buffer.readInt32BE(this.at);
    this.at += 4;
    return value;
  }

  int64(): number {
    const value = readInt64(this.buffer, this.at);
    this.at += 8;
    return value;
  }

  uvarint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.buffer.readUInt8(this.at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** Reads the length of a compact array; -1 for null. */
  count(): number {
    return this.uvarint() - 1;
  }

  string(): string {
    return this.bytes()?.toString() ?? '';
  }

  /** Reads bytes as a view, not a copy; null for null. */
  bytes(): Buffer | null {
    const length = this.uvarint() - 1;
    if (length < 0) return null;
    const end = this.at + length;
    if (end > this.buffer.length) throw new RangeError('the response ends inside a field');
    const value = this.buffer.subarray(this.at, end);
    this.at = end;
    return value;
  }

  /** Reads a topic id, in the form in which Kafka's tools show it. */
  uuid(): string {
    const start = this.at;
    this.at += uuidBytes;
    if (this.at > this.buffer.length) throw new RangeError('the response ends inside a field');
    return this.buffer.toString('base64url', start, this.at);
  }

  array<T>(item: (reader: this) => T): T[] {
    const items: T[] = [];
    for (let left = this.count(); left > 0; left--) items.push(item(this));
    return items;
  }

  /** Skips tagged fields, or passes each to `field`. */
  tags(field?: (tag: number, reader: WireReader) => void): void {
    for (let left = this.uvarint(); left > 0; left--) {
      const tag = this.uvarint();
      const end = this.uvarint() + this.at;
      field?.(tag, new WireReader(this.buffer.subarray(this.at, end)));
      this.at = end;
    }
  }
}

export const readInt64 = (buffer: Buffer, at: number): number =>
  buffer.readInt32BE(at) * two32 + buffer.readUInt32BE(at + 4);

export function writeInt64(buffer: Buffer, value: number, at: number): void {
  const high = Math.floor(value / two32);
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE(value - high * two32, at + 4);
}

/** Writes forward into a growing buffer. It writes everything around records; records have their own encoder. */
export class WireWriter {
  #buffer: Buffer;
  #at = 0;

  constructor(capacity = 256) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  /** The bytes written so far, as a view. */
  get written(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  int8(value: number): this {
    this.#at = this.#room(1).writeInt8(value, this.#at);
    return this;
  }

  int16(value: number): this {
    this.#at = this.#room(2).writeInt16BE(value, this.#at);
    return this;
  }

  int32(value: number): this {
    this.#at = this.#room(4).writeInt32BE(value, this.#at);
    return this;
  }

  int64(value: number): this {
    writeInt64(this.#room(8), value, this.#at);
    this.#at += 8;
    return this;
  }

  uvarint(value: number): this {
    const buffer = this.#room(10);
    let rest = value;
    while (rest >= 0x80) {
      buffer[this.#at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    buffer[this.#at++] = rest;
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.uvarint(0);
    const length = Buffer.byteLength(value);
    this.uvarint(length + 1);
    this.#at += this.#room(length).write(value, this.#at);
    return this;
  }

  /** Writes a string with a length of two bytes, as in request headers. */
  shortString(value: string): this {
    const length = Buffer.byteLength(value);
    this.int16(length);
    this.#at += this.#room(length).write(value, this.#at);
    return this;
  }

  uuid(value: string): this {
    const bytes = Buffer.from(value, 'base64url');
    if (bytes.length !== uuidBytes) throw new RangeError(`${value} is not the id of a topic`);
    bytes.copy(this.#room(uuidBytes), this.#at);
    this.#at += uuidBytes;
    return this;
  }

  array<T>(items: readonly T[], item: (value: T) => void): this {
    this.uvarint(items.length + 1);
    for (const value of items) item(value);
    return this;
  }

  /** Writes that there are no tagged fields. */
  noTags(): this {
    return this.int8(0);
  }

  #room(bytes: number): Buffer {
    if (this.#at + bytes > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
      this.#buffer.copy(larger, 0, 0, this.#at);
      this.#buffer = larger;
    }
    return this.#buffer;
  }
}
