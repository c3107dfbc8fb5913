/**
 * Dead letters: the original key, bytes and headers of a record that could not be processed, with headers
 * that say where it came from and why. Nothing of it is re-encoded, so that it can be replayed as it was.
 */
import type { Headers } from './step.ts';
import type { Producer, ProducerRecord, RawRecord, TopicPartition, Transport } from './transport.ts';

const prefix = 'dead-letter.';

export const deadLetterHeaders = {
  topic: `${prefix}topic`,
  partition: `${prefix}partition`,
  offset: `${prefix}offset`,
  timestamp: `${prefix}timestamp`,
  step: `${prefix}step`,
  reason: `${prefix}reason`,
  detail: `${prefix}detail`,
  /** Put on a replayed record: how often it has been replayed. */
  replays: `${prefix}replays`,
} as const;

export interface DeadLetter {
  readonly source: TopicPartition;
  readonly offset: number;
  readonly step: string;
  /** From a small closed set, for counting. */
  readonly reason: string;
  /** For people. */
  readonly detail: string;
}

const maxDetail = 1_000;

/** The record to write to the dead-letter topic; it keeps the key, and so the order of its key. */
export function toDeadLetter(topic: string, record: RawRecord, letter: DeadLetter): ProducerRecord {
  return {
    topic,
    key: record.key,
    value: record.value,
    timestamp: record.timestamp,
    headers: {
      ...presentHeaders(record.headers),
      [deadLetterHeaders.topic]: letter.source.topic,
      [deadLetterHeaders.partition]: String(letter.source.partition),
      [deadLetterHeaders.offset]: String(letter.offset),
      [deadLetterHeaders.timestamp]: String(record.timestamp),
      [deadLetterHeaders.step]: letter.step,
      [deadLetterHeaders.reason]: letter.reason,
      [deadLetterHeaders.detail]: letter.detail.slice(0, maxDetail),
    },
  };
}

/** Undefined when the record carries no dead-letter headers, which no record of ours does. */
export function readDeadLetter(record: RawRecord): (DeadLetter & { readonly replays: number }) | undefined {
  const text = (name: string): string => record.headers?.[name]?.toString() ?? '';
  const topic = text(deadLetterHeaders.topic);
  if (topic === '') return undefined;
  return {
    source: { topic, partition: Number(text(deadLetterHeaders.partition)) },
    offset: Number(text(deadLetterHeaders.offset)),
    step: text(deadLetterHeaders.step),
    reason: text(deadLetterHeaders.reason),
    detail: text(deadLetterHeaders.detail),
    replays: Number(text(deadLetterHeaders.replays) || '0'),
  };
}

/** The original record again, for the topic and partition it came from. */
export function toReplay(
  record: RawRecord,
  letter: DeadLetter & { readonly replays: number },
): ProducerRecord {
  const original = Object.entries(presentHeaders(record.headers)).filter(
    ([name]) => !name.startsWith(prefix),
  );
  return {
    topic: letter.source.topic,
    partition: letter.source.partition,
    key: record.key,
    value: record.value,
    timestamp: record.timestamp,
    headers: { ...Object.fromEntries(original), [deadLetterHeaders.replays]: String(letter.replays + 1) },
  };
}

export interface ReplayOptions {
  readonly transport: Transport;
  readonly deadLetterTopic: string;
  /** Which letters to replay; all when left out. */
  readonly select?: (letter: DeadLetter) => boolean;
  readonly onProgress?: (replayed: number, skipped: number) => void;
}

export interface ReplayReport {
  readonly replayed: number;
  readonly skipped: number;
  readonly byReason: ReadonlyMap<string, number>;
}

/**
 * Writes the dead letters that are there now back to the topics they came from. Replaying twice sends them
 * twice: the first step of a chain has to know its duplicates, as it must anyway.
 */
export async function replayDeadLetters(options: ReplayOptions): Promise<ReplayReport> {
  const { transport, deadLetterTopic, select = () => true } = options;
  const producer = await transport.producer();
  const byReason = new Map<string, number>();
  let replayed = 0;
  let skipped = 0;
  try {
    for (let partition = 0; partition < (await transport.partitionCount(deadLetterTopic)); partition++) {
      const pending: ProducerRecord[] = [];
      await transport.read({ topic: deadLetterTopic, partition }, (records) => {
        for (const record of records) {
          const letter = readDeadLetter(record);
          if (letter === undefined || !select(letter)) {
            skipped += 1;
            continue;
          }
          byReason.set(letter.reason, (byReason.get(letter.reason) ?? 0) + 1);
          pending.push(toReplay(record, letter));
        }
      });
      replayed += await sendInChunks(producer, pending, (sent) =>
        options.onProgress?.(replayed + sent, skipped),
      );
    }
  } finally {
    await producer.close();
  }
  return { replayed, skipped, byReason };
}

async function sendInChunks(
  producer: Producer,
  records: readonly ProducerRecord[],
  onSent: (sent: number) => void,
): Promise<number> {
  const size = 500;
  for (let from = 0; from < records.length; from += size) {
    await producer.send(records.slice(from, from + size));
    onSent(Math.min(from + size, records.length));
  }
  return records.length;
}

function presentHeaders(headers: Headers | undefined): Record<string, Buffer | string> {
  const present: Record<string, Buffer | string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) if (value !== undefined) present[name] = value;
  return present;
}
