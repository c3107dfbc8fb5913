/** Record batches of other producers may be compressed; ours are not. */
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';

const names: Readonly<Record<number, string>> = { 1: 'gzip', 2: 'snappy', 3: 'lz4', 4: 'zstd' };
const gzip = promisify(gunzip);
const zstd = promisify(zstdDecompress);

/** By the number in a batch's attributes. Snappy and LZ4 by the codec that was registered with kafkajs, if one was. */
export async function decompress(codec: number, bytes: Buffer): Promise<Buffer> {
  if (codec === 1) return gzip(bytes);
  if (codec === 4) return zstd(bytes);
  const codecs: Readonly<Record<number, (() => unknown) | undefined>> = kafkajs.CompressionCodecs;
  const name = names[codec] ?? `number ${codec}`;
  const registered = codecs[codec]?.() as { decompress(bytes: Buffer): Promise<Buffer> } | undefined;
  if (registered === undefined) throw new Error(`nobody knows the compression ${name}`);
  return registered.decompress(bytes);
}
