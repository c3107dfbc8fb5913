/**
 * Snappy as Kafka has it: Java's clients and brokers write the stream format of snappy-java (a header, then blocks with
 * their length); librdkafka writes one plain block without a header. Both are read; the first is written.
 *
 * Source: snappy-java, SnappyOutputStream (header `82 SNAPPY 00`, two versions, blocks of a big-endian length and a
 * plain Snappy block).
 */
import { compressSync, uncompressSync } from 'snappy';

const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const headerLength = magic.length + 8;
const blockLength = 32 * 1024;
const version = 1;

export function frameSnappy(bytes: Buffer): Buffer {
  const header = Buffer.alloc(headerLength);
  magic.copy(header);
  header.writeInt32BE(version, magic.length);
  header.writeInt32BE(version, magic.length + 4);
  const parts: Buffer[] = [header];
  for (let at = 0; at < bytes.length; at += blockLength) {
    const block = compressSync(bytes.subarray(at, at + blockLength));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** @throws RangeError when a block ends outside the bytes; Error when a block is no Snappy */
export function unframeSnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, magic.length).equals(magic)) return plain(bytes);
  const blocks: Buffer[] = [];
  for (let at = headerLength; at < bytes.length;) {
    const from = at + 4;
    at = from + bytes.readInt32BE(at);
    if (at > bytes.length || at < from) throw new RangeError('a Snappy block ends outside its record batch');
    blocks.push(plain(bytes.subarray(from, at)));
  }
  return Buffer.concat(blocks);
}

/** Without options it gives a Buffer; its type allows for the option that gives text. */
const plain = (block: Buffer): Buffer => Buffer.from(uncompressSync(block));
