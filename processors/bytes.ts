/**
 * The compact binary form that states have in changelogs. Numbers are little-endian. So are all platforms that
 * Node 24 supports except s390x; a state must be read on a platform of the same kind.
 */

/** Appends to a buffer that grows. `finish` returns a copy and empties the buffer. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(4096);
  /** Numbers are written through a view, because Buffer's own methods write a double byte by byte. */
  #view = viewOf(this.#buffer);
  #length = 0;

  #reserve(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#buffer.length) this.#grow(at);
    return at;
  }

  #grow(filled: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.#length, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, filled);
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }

  byte(value: number): void {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
  }

  uint(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
  }

  double(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value, true);
  }

  doubles(values: Float64Array, from = 0, to = values.length): void {
    let at = this.#reserve((to - from) * 8);
    for (let index = from; index < to; index++, at += 8)
      this.#view.setFloat64(at, values[index] ?? NaN, true);
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

/** Bytes that `ByteWriter.text` writes. */
export const textBytes = (text: string): number => 4 + Buffer.byteLength(text);

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length);

/** Reads what `ByteWriter` wrote, in the same order. Throws a RangeError when it reads past the end. */
export class ByteReader {
  readonly #buffer: Buffer;
  readonly #view: DataView;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.#view = viewOf(buffer);
  }

  #take(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    if (this.#at > this.#buffer.length)
      throw new RangeError(
        `the bytes end at ${this.#buffer.length}; ${bytes} bytes from ${at} on were expected`,
      );
    return at;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
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

  /** Throws a RangeError when unread bytes are left: then the reader and the writer disagree on the form. */
  end(): void {
    const left = this.#buffer.length - this.#at;
    if (left !== 0) throw new RangeError(`${left} bytes are left after the last value`);
  }
}

/** Makes a reader for a state that begins with its version. Checks the version and skips it. */
export function versionedReader(bytes: Buffer, version: number): ByteReader {
  const reader = new ByteReader(bytes);
  readVersion(reader, version);
  return reader;
}

/**
 * Reads the version that a state begins with.
 * @throws when the version is not in `known`: only the program that wrote the changelog can read it
 */
export function readVersion<V extends number>(reader: ByteReader, ...known: readonly V[]): V {
  const found = reader.byte();
  const version = known.find((each) => each === found);
  if (version === undefined)
    throw new Error(`the state has version ${found}; this program reads version ${known.join(' and ')}`);
  return version;
}
