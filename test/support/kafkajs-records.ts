/** kafkajs' own encoder and decoder of record batches, as a second implementation to compare ours with. */
import { createRequire } from 'node:module';

export interface PlainRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
  readonly headers: Readonly<Record<string, Buffer>> | undefined;
}

interface Encoded {
  readonly buffer: Buffer;
}

interface Message {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: string;
  readonly headers: Readonly<Record<string, Buffer>>;
}

const require = createRequire(import.meta.url);
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (batch: Readonly<Record<string, unknown>>) => Promise<Encoded>;
};
const record = require('kafkajs/src/protocol/recordBatch/record/v0') as (
  record: Readonly<Record<string, unknown>>,
) => Encoded;
const Decoder = require('kafkajs/src/protocol/decoder') as new (buffer: Buffer) => object;
const decodeMessages = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages') as (
  decoder: object,
) => Promise<readonly Message[]>;
const crc = require('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Buffer) => number;

export const kafkajsCrc32c = (bytes: Buffer): number => crc(bytes) >>> 0;

/** One batch that begins at offset 0. */
export async function kafkajsBatch(
  records: readonly PlainRecord[],
  batch: {
    readonly compression?: number;
    readonly producerId?: number;
    readonly transactional?: boolean;
  } = {},
): Promise<Buffer> {
  const firstTimestamp = records[0]?.timestamp ?? 0;
  const { buffer } = await RecordBatch({
    ...batch,
    firstTimestamp,
    maxTimestamp: Math.max(...records.map(({ timestamp }) => timestamp)),
    lastOffsetDelta: records.length - 1,
    records: records.map(({ timestamp, ...rest }, offsetDelta) =>
      record({ ...rest, offsetDelta, timestampDelta: timestamp - firstTimestamp }),
    ),
  });
  return Buffer.from(buffer);
}

export async function kafkajsMessages(batches: Buffer): Promise<readonly PlainRecord[]> {
  const length = Buffer.alloc(4);
  length.writeInt32BE(batches.length);
  const messages = await decodeMessages(new Decoder(Buffer.concat([length, batches])));
  return messages.map(({ key, value, timestamp, headers }) => ({
    key,
    value,
    timestamp: Number(timestamp),
    headers: Object.keys(headers).length === 0 ? undefined : headers,
  }));
}
