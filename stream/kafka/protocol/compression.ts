/** Decompresses record batches. Other producers may compress theirs; ours are not compressed. */
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';

const names: Readonly<Record<number, string>> = { 1: 'gzip', 2: 'snappy', 3: 'lz4', 4: 'zstd' };
const gzip = promisify(gunzip);
const zstd = promisify(zstdDecompress);

/** Decompresses by the number in a batch's attributes. Snappy and LZ4 need a codec that was registered with kafkajs. */
export async function decompress(codec: number, bytes: Buffer): Promise<Buffer> {
  if (codec === 1) return gzip(bytes);
  if (codec === 4) return zstd(bytes);
  const codecs: Readonly<Record<number, (() => unknown) | undefined>> = kafkajs.CompressionCodecs;
  const name = names[codec] ?? `number ${codec}`;
  const registered = codecs[codec]?.() as { decompress(bytes: Buffer): Promise<Buffer> } | undefined;
  if (registered === undefined)
    throw new Error(`there is no codec for the compression ${name}: register one with kafkajs`);
  return registered.decompress(bytes);
}
