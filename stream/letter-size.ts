/**
 * Makes a dead letter fit its topic. The broker checks the size of a batch as it is compressed, and the transport compresses
 * every large batch. So an original that compresses well stays complete. Any other is cut: the letter keeps the beginning,
 * and its headers say how much there was. The original still lies where the letter says.
 */
import { gzipSync } from 'node:zlib';
import type { ProducerRecord, RawRecord } from './transport.ts';

/** What a broker accepts unless a topic says otherwise (`max.message.bytes`: 1 MiB), less room for framing. */
export const defaultLetterBytes = 1_040_000;

/** Letters are never cut to less than this: smaller ones would say too little. */
const fewestLetterBytes = 32_768;

/** What to try after a letter of this size was refused; undefined when letters cannot be cut further. */
export function smallerLetter(maxBytes = defaultLetterBytes): number | undefined {
  const smaller = Math.max(fewestLetterBytes, Math.floor(maxBytes / 2));
  return smaller < maxBytes ? smaller : undefined;
}

/** Larger values are not compressed to find out how small they become: that would stop the process for seconds. */
const mostCompressed = 64 * 1024 ** 2;
/** Bytes for the frame of a batch with one record, for lengths, and for what gzip adds to incompressible bytes. */
const framing = 1_024;

type Headers = Readonly<Record<string, Buffer | string>>;

/** What a letter keeps of an original that is too large, bytes. */
const kept = { key: 1_024, headers: 8_192, value: 65_536 };

export interface Cut {
  /** Bytes of the original, for each part of which the letter has less. */
  readonly key?: number;
  readonly value?: number;
  readonly headers?: number;
}

export interface FittedLetter extends Pick<ProducerRecord, 'key' | 'value'> {
  readonly headers: Headers;
  readonly cut: Cut;
}

/**
 * @param letterBytes bytes of the headers that the letter adds
 * @param maxBytes what the topic accepts
 */
export function fitLetter(
  record: Pick<RawRecord, 'key' | 'value'> & { readonly headers: Headers },
  letterBytes: number,
  maxBytes: number,
): FittedLetter {
  const { key, value, headers } = record;
  const room = maxBytes - framing - letterBytes;
  const others = lengthOf(key) + bytesOf(headers);
  if (others + lengthOf(value) <= room || (others <= room && others + compressedLength(value) <= room))
    return { key, value, headers, cut: {} };
  const [keptHeaders, left] = firstHeaders(headers, Math.min(kept.headers, room / 8));
  const keptKey = firstBytes(key, Math.min(kept.key, room / 8));
  const keptValue = firstBytes(value, Math.min(kept.value, room / 2));
  return {
    key: keptKey,
    value: keptValue,
    headers: keptHeaders,
    cut: {
      ...(lengthOf(keptKey) < lengthOf(key) ? { key: lengthOf(key) } : {}),
      ...(lengthOf(keptValue) < lengthOf(value) ? { value: lengthOf(value) } : {}),
      ...(left ? { headers: bytesOf(headers) } : {}),
    },
  };
}

const lengthOf = (bytes: Buffer | null): number => bytes?.length ?? 0;

/** Each header has two lengths of up to 5 bytes. */
const bytesOfHeader = ([name, value]: readonly [string, Buffer | string]): number =>
  Buffer.byteLength(name) + (typeof value === 'string' ? Buffer.byteLength(value) : value.length) + 10;

export const bytesOf = (headers: Headers): number =>
  Object.entries(headers).reduce((sum, header) => sum + bytesOfHeader(header), 0);

function compressedLength(value: Buffer | null): number {
  if (value === null) return 0;
  return value.length > mostCompressed ? Number.POSITIVE_INFINITY : gzipSync(value, { level: 1 }).length;
}

/** A copy, so that the letter does not keep the original in memory. */
function firstBytes(bytes: Buffer | null, most: number): Buffer | null {
  return bytes === null || bytes.length <= most
    ? bytes
    : Buffer.from(bytes.subarray(0, Math.max(0, Math.floor(most))));
}

/** @returns the first headers, and whether any is left out */
function firstHeaders(headers: Headers, most: number): readonly [Headers, boolean] {
  const first: Record<string, Buffer | string> = {};
  let room = most;
  let left = false;
  for (const header of Object.entries(headers)) {
    room -= bytesOfHeader(header);
    if (room < 0) left = true;
    else first[header[0]] = header[1];
  }
  return [first, left];
}
