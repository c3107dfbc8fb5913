/**
 * Compact binary for state in changelogs. Numbers are little-endian, as on every platform that Node 24 is
 * built for but s390x; a state is only read back by a program like the one that wrote it.
 */

/** Appends to a buffer that grows; `finish` hands out a copy and begins again. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(4096);
  #length = 0;

  #reserve(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    return at;
  }

  byte(value: number): void {
    const at = this.#reserve(1);
    this.#buffer[at] = value;
  }

  uint(value: number): void {
    const at = this.#reserve(4);
    this.#buffer.writeUInt32LE(value, at);
  }

  double(value: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeDoubleLE(value, at);
  }

  doubles(values: Float64Array, from = 0, to = values.length): void {
    this.bytes(new Uint8Array(values.buffer, values.byteOffset + from * 8, (to - from) * 8));
  }

  bytes(values: Uint8Array): void {
    const at = this.#reserve(values.length);
    this.#buffer.set(values, at);
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.uint(length);
    const at = this.#reserve(length);
    this.#buffer.write(value, at, 'utf8');
  }

  finish(): Buffer {
    const copy = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return copy;
  }
}

/** Reads what `ByteWriter` wrote, in the same order. Throws a RangeError past the end. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  #take(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    if (this.#at > this.#buffer.length) throw new RangeError(`${bytes} bytes are missing at ${at}`);
    return at;
  }

  byte(): number {
    return this.#buffer.readUInt8(this.#take(1));
  }

  uint(): number {
    return this.#buffer.readUInt32LE(this.#take(4));
  }

  double(): number {
    return this.#buffer.readDoubleLE(this.#take(8));
  }

  doubles(count: number): Float64Array {
    const values = new Float64Array(count);
    this.doublesInto(values);
    return values;
  }

  doublesInto(target: Float64Array, from = 0, to = target.length): void {
    this.bytesInto(new Uint8Array(target.buffer, target.byteOffset + from * 8, (to - from) * 8));
  }

  bytesInto(target: Uint8Array): void {
    const at = this.#take(target.length);
    target.set(this.#buffer.subarray(at, at + target.length));
  }

  text(): string {
    const length = this.uint();
    const at = this.#take(length);
    return this.#buffer.toString('utf8', at, at + length);
  }

  /** Throws when bytes are left: what was read is not what was written. */
  end(): void {
    const left = this.#buffer.length - this.#at;
    if (left !== 0) throw new RangeError(`${left} bytes are left over`);
  }
}

/** A reader of state that begins with its version. */
export function versionedReader(bytes: Buffer, version: number): ByteReader {
  const reader = new ByteReader(bytes);
  readVersion(reader, version);
  return reader;
}

/**
 * Reads the version that a state begins with.
 * @throws on one that is not known: the changelog then needs the program that wrote it
 */
export function readVersion<V extends number>(reader: ByteReader, ...known: readonly V[]): V {
  const found = reader.byte();
  const version = known.find((each) => each === found);
  if (version === undefined)
    throw new Error(`state of version ${found}; this program reads version ${known.join(' and ')}`);
  return version;
}
