/** Cutting what has to be written into requests that a broker takes. */
import type { ProducerRecord } from '../transport.ts';

/**
 * A broker takes 1 MiB per partition and request (`max.message.bytes`), and all of a request may be for one
 * partition. Some of it is for framing.
 */
const requestBytes = 900 * 1024;
const framingBytes = 70;

/** In the same order; a record that is too large by itself goes alone, and the broker says so. */
export function* inRequests(records: readonly ProducerRecord[]): Generator<readonly ProducerRecord[]> {
  let from = 0;
  let bytes = 0;
  for (let at = 0; at < records.length; at++) {
    const size = sizeOf(records[at]);
    if (bytes + size > requestBytes && at > from) {
      yield records.slice(from, at);
      from = at;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < records.length) yield from === 0 ? records : records.slice(from);
}

function sizeOf(record: ProducerRecord | undefined): number {
  if (record === undefined) return 0;
  let size = framingBytes + (record.value?.length ?? 0) + (record.key?.length ?? 0);
  for (const name in record.headers) size += name.length + (record.headers[name]?.length ?? 0) + 2;
  return size;
}
