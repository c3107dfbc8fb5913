/**
 * The codecs of record batches. The producer, the topic or the broker chooses the codec, so every codec can be read. The
 * transport's configuration says which codec is written.
 *
 * Source: Apache Kafka, "Message format", attributes of a record batch.
 */
import { promisify } from 'node:util';
import { gunzip, gzipSync, zstdCompressSync, zstdDecompress } from 'node:zlib';
import lz4 from 'lz4-napi';
import { frameSnappy, unframeSnappy } from './snappy.ts';

/** In the order of their numbers in a batch's attributes. */
export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof compressions)[number];

interface Codec {
  readonly compress: (bytes: Buffer) => Buffer;
  readonly decompress: (bytes: Buffer) => Buffer | Promise<Buffer>;
}

/** gzip and zstd decompress on other threads. Snappy and LZ4 are so fast that another thread would cost more. */
const codecs: Readonly<Record<Compression, Codec>> = {
  none: { compress: (bytes) => bytes, decompress: (bytes) => bytes },
  gzip: { compress: (bytes) => gzipSync(bytes, { level: 1 }), decompress: promisify(gunzip) },
  snappy: { compress: frameSnappy, decompress: unframeSnappy },
  lz4: { compress: (bytes) => lz4.compressFrameSync(bytes), decompress: lz4.decompressFrameSync },
  zstd: { compress: (bytes) => zstdCompressSync(bytes), decompress: promisify(zstdDecompress) },
};

/** The number that a batch's attributes have for it. */
export const numberOf = (compression: Compression): number => compressions.indexOf(compression);

export const compress = (compression: Compression, bytes: Buffer): Buffer =>
  codecs[compression].compress(bytes);

/** @param number as in a batch's attributes */
export function decompress(number: number, bytes: Buffer): Buffer | Promise<Buffer> {
  const compression = compressions[number];
  if (compression === undefined)
    throw new Error(`the record batch is compressed with codec ${number}, which Kafka does not define`);
  return codecs[compression].decompress(bytes);
}
