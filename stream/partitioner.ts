/**
 * Decides which partition a key goes to: murmur2 as Kafka's Java producer computes it. Records with the same key
 * go to the same partition, whichever client produced them.
 *
 * Source: Austin Appleby, MurmurHash2 (public domain), with Kafka's seed; `Utils.murmur2` and
 * `BuiltInPartitioner.partitionForKey` in Apache Kafka.
 */
const seed = 0x9747b28c;
const m = 0x5bd1e995;
const r = 24;

/** 32-bit signed hash of the bytes. */
export function murmur2(data: Buffer): number {
  const length = data.length;
  let h = seed ^ length;
  const words = length >> 2;
  for (let i = 0; i < words; i++) {
    let k = data.readInt32LE(i * 4);
    k = Math.imul(k, m);
    k ^= k >>> r;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const tail = length & ~3;
  const rest = length & 3;
  if (rest === 3) h ^= data.readUInt8(tail + 2) << 16;
  if (rest >= 2) h ^= data.readUInt8(tail + 1) << 8;
  if (rest >= 1) {
    h ^= data.readUInt8(tail);
    h = Math.imul(h, m);
  }
  h ^= h >>> 13;
  h = Math.imul(h, m);
  h ^= h >>> 15;
  return h | 0;
}

export const partitionForKey = (key: Buffer | string, partitions: number): number =>
  (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitions;
