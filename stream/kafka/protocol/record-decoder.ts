/** Decodes record batches into records. Keys and values are views into the response; nothing is copied. */
import type { RawRecord } from '../../transport.ts';
import { decompress } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { HeadersDecoder } from './headers-decoder.ts';
import type { AbortedTransaction } from './fetch.ts';
import { attribute, batchLayout, batchLengthCovers, magic } from './record-batch.ts';
import { readInt64 } from './wire.ts';

export interface DecodedRecords {
  readonly records: readonly RawRecord[];
  /** The offset after the last batch, even if none of its records were returned; undefined when there was no batch. */
  readonly position: number | undefined;
}

/**
 * Returns the records that a reader starting at `from` should see. It leaves out markers, aborted transactions, and records
 * before `from`, with which a batch may begin. A batch that is cut off at the end comes again with the next fetch.
 */
export async function decodeRecords(
  bytes: Buffer,
  aborted: readonly AbortedTransaction[],
  from: number,
): Promise<DecodedRecords> {
  const records: RawRecord[] = [];
  const filter = new AbortedFilter(aborted);
  const cursor = new RecordCursor();
  let position: number | undefined;
  for (let at = 0; at + batchLayout.records <= bytes.length;) {
    const end = at + batchLengthCovers + bytes.readInt32BE(at + batchLayout.length);
    if (end > bytes.length) break;
    const version = bytes.readInt8(at + batchLayout.magic);
    if (version !== magic)
      throw new Error(`records in format ${version}, which Kafka has not written since version 0.11`);
    requireIntact(bytes, at, end);
    const lastOffset = readInt64(bytes, at) + bytes.readInt32BE(at + batchLayout.lastOffsetDelta);
    if (!filter.hides(bytes, at, lastOffset) && lastOffset >= from) {
      const codec = bytes.readInt16BE(at + batchLayout.attributes) & attribute.compressionMask;
      const body = bytes.subarray(at + batchLayout.records, end);
      cursor.read(bytes, at, codec === 0 ? body : await decompress(codec, body), from, records);
    }
    position = lastOffset + 1;
    at = end;
  }
  return { records, position };
}

/** Throws on a batch that was damaged on the way or on the broker's disk, so that it is fetched again. */
function requireIntact(bytes: Buffer, at: number, end: number): void {
  if (crc32c(bytes, at + batchLayout.attributes, end) !== bytes.readUInt32BE(at + batchLayout.crc))
    throw new Error(`the record batch at offset ${readInt64(bytes, at)} does not match its checksum`);
}

/**
 * Separates batches of aborted transactions, and markers, from those to be read. An aborted transaction begins at its
 * first offset and ends with its producer's abort marker. Source: KIP-98, "Discarding aborted transactional messages".
 */
class AbortedFilter {
  readonly #pending: readonly AbortedTransaction[];
  readonly #open = new Set<number>();
  #next = 0;

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#pending = aborted.length < 2 ? aborted : aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Returns whether a batch is hidden; call it for each batch, in order. */
  hides(bytes: Buffer, at: number, lastOffset: number): boolean {
    for (;;) {
      const next = this.#pending[this.#next];
      if (next === undefined || next.firstOffset > lastOffset) break;
      this.#open.add(next.producerId);
      this.#next += 1;
    }
    const attributes = bytes.readInt16BE(at + batchLayout.attributes);
    if ((attributes & attribute.control) !== 0) {
      if (this.#open.size > 0 && isAbortMarker(bytes, at))
        this.#open.delete(readInt64(bytes, at + batchLayout.producerId));
      return true;
    }
    if (this.#open.size === 0 || (attributes & attribute.transactional) === 0) return false;
    return this.#open.has(readInt64(bytes, at + batchLayout.producerId));
  }
}

/** The key of the one record in a control batch has a version and a type; type 0 is ABORT. */
function isAbortMarker(bytes: Buffer, at: number): boolean {
  const marker: RawRecord[] = [];
  const body = bytes.subarray(at + batchLayout.records);
  new RecordCursor().read(bytes, at, body, 0, marker);
  const key = marker[0]?.key;
  return key !== null && key !== undefined && key.length >= 4 && key.readInt16BE(2) === 0;
}

const two31 = 2 ** 31;

class RecordCursor {
  readonly #headers = new HeadersDecoder();
  #bytes: Buffer = empty;
  #at = 0;

  /** Reads the records of the batch at `at` in `bytes`; `body` has them decompressed. */
  read(bytes: Buffer, at: number, body: Buffer, from: number, into: RawRecord[]): void {
    const baseOffset = readInt64(bytes, at);
    const baseTimestamp = readInt64(bytes, at + batchLayout.baseTimestamp);
    const producerId = readInt64(bytes, at + batchLayout.producerId);
    const byBroker = (bytes.readInt16BE(at + batchLayout.attributes) & attribute.logAppendTime) !== 0;
    const appended = byBroker ? readInt64(bytes, at + batchLayout.maxTimestamp) : undefined;
    this.#bytes = body;
    this.#at = 0;
    for (let left = bytes.readInt32BE(at + batchLayout.recordCount); left > 0; left--) {
      const length = this.#varint();
      const end = this.#at + length;
      if (length < 0 || end > body.length) throw new RangeError('a record ends outside its batch');
      this.#at += 1; // attributes: none are defined
      const timestamp = baseTimestamp + this.#varint();
      const offset = baseOffset + this.#varint();
      if (offset >= from) {
        const key = this.#nullableBytes();
        const value = this.#nullableBytes();
        const headers = this.#headers.decode(body, this.#at, end);
        into.push({ offset, key, value, timestamp: appended ?? timestamp, headers, producerId });
      }
      this.#at = end;
    }
  }

  #nullableBytes(): Buffer | null {
    const length = this.#varint();
    if (length < 0) return null;
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** Reads a zigzag varint of up to 64 bits. */
  #varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++] as number;
    let value = byte & 0x7f;
    let shift = 7;
    for (; byte >= 0x80 && shift < 28; shift += 7) {
      byte = bytes[this.#at++] as number;
      value |= (byte & 0x7f) << shift;
    }
    for (; byte >= 0x80; shift += 7) {
      byte = bytes[this.#at++] as number;
      value += (byte & 0x7f) * 2 ** shift;
    }
    if (value < two31) return (value >>> 1) ^ -(value & 1);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

const empty: Buffer = Buffer.alloc(0);
