/** Encodes records into record batches: one growing buffer per batch, written once. */
import type { ProducerRecord } from '../../transport.ts';
import { compress, numberOf, type Compression } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { attribute, batchLayout, batchLengthCovers, magic } from './record-batch.ts';
import { writeInt64 } from './wire.ts';

/** The producer of a batch, as the broker checks it. */
export interface BatchIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly transactional: boolean;
}

const two31 = 2 ** 31;
const firstCapacity = 4 * 1024;
const leaderEpochUnknown = -1;

export class BatchEncoder {
  #buffer: Buffer = Buffer.allocUnsafeSlow(firstCapacity);
  #at: number = batchLayout.records;
  #count = 0;
  #baseTimestamp = 0;
  #maxTimestamp = 0;

  get count(): number {
    return this.#count;
  }

  /** Number of bytes that fit without growing the buffer. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** Begins the next batch in the same buffer. */
  clear(): void {
    this.#at = batchLayout.records;
    this.#count = 0;
  }

  /** Number of bytes in the current batch. */
  get bytes(): number {
    return this.#at;
  }

  /** Adds a record; `headers` comes from `HeadersEncoder`. */
  add(key: Buffer | null, value: Buffer | null, timestamp: number, headers: Buffer): void {
    if (this.#count === 0) this.#baseTimestamp = this.#maxTimestamp = timestamp;
    else if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    const timestampDelta = timestamp - this.#baseTimestamp;
    const length =
      1 +
      varintSize(timestampDelta) +
      varintSize(this.#count) +
      bytesSize(key) +
      bytesSize(value) +
      headers.length;
    const buffer = this.#room(length + 5);
    let at = writeVarint(buffer, length, this.#at);
    buffer[at++] = 0; // attributes of a record: none are defined
    at = writeVarint(buffer, timestampDelta, at);
    at = writeVarint(buffer, this.#count, at);
    at = writeBytes(buffer, key, at);
    at = writeBytes(buffer, value, at);
    buffer.set(headers, at);
    this.#at = at + headers.length;
    this.#count += 1;
  }

  /** Returns the finished batch. Without compression it is a view, which the next record would overwrite. */
  seal(identity: BatchIdentity, baseSequence: number, compression: Compression = 'none'): Buffer {
    const { producerId, producerEpoch, transactional } = identity;
    const { buffer, end } = this.#compressed(compression);
    writeInt64(buffer, 0, batchLayout.baseOffset);
    buffer.writeInt32BE(end - batchLengthCovers, batchLayout.length);
    buffer.writeInt32BE(leaderEpochUnknown, batchLayout.leaderEpoch);
    buffer.writeInt8(magic, batchLayout.magic);
    buffer.writeInt16BE(
      numberOf(compression) | (transactional ? attribute.transactional : 0),
      batchLayout.attributes,
    );
    buffer.writeInt32BE(this.#count - 1, batchLayout.lastOffsetDelta);
    writeInt64(buffer, this.#baseTimestamp, batchLayout.baseTimestamp);
    writeInt64(buffer, this.#maxTimestamp, batchLayout.maxTimestamp);
    writeInt64(buffer, producerId, batchLayout.producerId);
    buffer.writeInt16BE(producerEpoch, batchLayout.producerEpoch);
    buffer.writeInt32BE(baseSequence, batchLayout.baseSequence);
    buffer.writeInt32BE(this.#count, batchLayout.recordCount);
    buffer.writeUInt32BE(crc32c(buffer, batchLayout.attributes, end), batchLayout.crc);
    return buffer.subarray(0, end);
  }

  /** Room for the header, then the records. */
  #compressed(compression: Compression): { readonly buffer: Buffer; readonly end: number } {
    if (compression === 'none') return { buffer: this.#buffer, end: this.#at };
    const records = compress(compression, this.#buffer.subarray(batchLayout.records, this.#at));
    const end = batchLayout.records + records.length;
    const buffer = Buffer.allocUnsafe(end);
    records.copy(buffer, batchLayout.records);
    return { buffer, end };
  }

  #room(bytes: number): Buffer {
    const needed = this.#at + bytes;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, needed));
      this.#buffer.copy(larger, 0, 0, this.#at);
      this.#buffer = larger;
    }
    return this.#buffer;
  }
}

type Headers = NonNullable<ProducerRecord['headers']>;

/** Encodes headers. An object that comes again is not encoded again, because records of one output mostly share it. */
export class HeadersEncoder {
  #last: Headers | undefined;
  #lastEncoded: Buffer = noHeaders;
  readonly #names = new Map<string, Buffer>();

  encode(headers: Headers | undefined): Buffer {
    if (headers === undefined) return noHeaders;
    if (headers !== this.#last) {
      this.#last = headers;
      this.#lastEncoded = this.#encode(headers);
    }
    return this.#lastEncoded;
  }

  #encode(headers: Headers): Buffer {
    let size = 0;
    let count = 0;
    for (const name in headers) {
      const value = headers[name] ?? '';
      const bytes = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
      size += this.#name(name).length + varintSize(bytes) + bytes;
      count += 1;
    }
    const buffer = Buffer.allocUnsafe(size + varintSize(count));
    let at = writeVarint(buffer, count, 0);
    for (const name in headers) {
      const value = headers[name] ?? '';
      const encoded = this.#name(name);
      buffer.set(encoded, at);
      at += encoded.length;
      if (typeof value === 'string') {
        at = writeVarint(buffer, Buffer.byteLength(value), at);
        at += buffer.write(value, at);
      } else {
        at = writeBytes(buffer, value, at);
      }
    }
    return buffer;
  }

  /** Returns a header's name with its length before it, and keeps it: there are few names. */
  #name(name: string): Buffer {
    let encoded = this.#names.get(name);
    if (encoded === undefined) {
      const bytes = Buffer.from(name);
      encoded = Buffer.allocUnsafe(bytesSize(bytes));
      writeBytes(encoded, bytes, 0);
      if (this.#names.size < 1_000) this.#names.set(name, encoded);
    }
    return encoded;
  }
}

const noHeaders: Buffer = Buffer.from([0]);

/** Returns the size of a signed number in zigzag form, in bytes. */
export function varintSize(value: number): number {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let size = 1;
  for (; rest >= 0x80; size++) rest = Math.floor(rest / 128);
  return size;
}

/** @returns the position after it */
export function writeVarint(buffer: Buffer, value: number, at: number): number {
  let next = at;
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  for (; rest >= two31; rest = Math.floor(rest / 128)) buffer[next++] = (rest % 128) | 0x80;
  for (; rest >= 0x80; rest >>>= 7) buffer[next++] = (rest & 0x7f) | 0x80;
  buffer[next++] = rest;
  return next;
}

/** Returns the size of the bytes with the length before them. */
const bytesSize = (bytes: Buffer | null): number =>
  bytes === null ? 1 : varintSize(bytes.length) + bytes.length;

function writeBytes(buffer: Buffer, bytes: Buffer | null, at: number): number {
  if (bytes === null) return writeVarint(buffer, -1, at);
  const start = writeVarint(buffer, bytes.length, at);
  buffer.set(bytes, start);
  return start + bytes.length;
}
