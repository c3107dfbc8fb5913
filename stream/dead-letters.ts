/**
 * Dead letters: the original key, bytes and headers of a record that could not be processed, with headers
 * that say where it came from and why. Nothing of it is re-encoded, so that it can be replayed as it was.
 */
import type { Headers } from './step.ts';
import type { ProducerRecord, RawRecord, TopicPartition, Transport } from './transport.ts';

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
  /** Whose committed offsets tell what was replayed before. */
  readonly group: string;
  /**
   * Which letters to replay. Without it each letter is replayed once, ever; with it those selected are sent each time,
   * and nothing is remembered of it.
   */
  readonly select?: (letter: DeadLetter) => boolean;
  readonly onProgress?: (replayed: number, skipped: number) => void;
}

export interface ReplayReport {
  readonly replayed: number;
  /** Not selected, or no dead letters of ours. */
  readonly skipped: number;
  readonly byReason: ReadonlyMap<string, number>;
}

/**
 * Writes the dead letters that are there now back to the topics they came from. What dies again is a new letter,
 * and is not replayed by the same call. Letters and the memory of them are one transaction, so a replay that is
 * cut short goes on where it was.
 */
export async function replayDeadLetters(options: ReplayOptions): Promise<ReplayReport> {
  const { transport, deadLetterTopic: topic } = options;
  const byReason = new Map<string, number>();
  let replayed = 0;
  let skipped = 0;
  for (const [partition, end] of await transport.endOffsets(topic)) {
    const letters: ReplayLetters = { source: { topic, partition }, end, records: [], byReason, skipped: 0 };
    await replayPartition(letters, options);
    replayed += letters.records.length;
    skipped += letters.skipped;
    options.onProgress?.(replayed, skipped);
  }
  return { replayed, skipped, byReason };
}

interface ReplayLetters {
  readonly source: TopicPartition;
  /** What lies behind it came later and is left for the next time. */
  readonly end: number;
  readonly records: ProducerRecord[];
  readonly byReason: Map<string, number>;
  skipped: number;
}

/** All of one partition's letters, and that they were sent, in one transaction. */
async function replayPartition(letters: ReplayLetters, options: ReplayOptions): Promise<void> {
  const { transport, group, select } = options;
  const { source, end, records } = letters;
  // Made before the offsets are read: it ends whatever an earlier replay left open.
  const producer = await transport.transactionalProducer(`${group}-${source.topic}-${source.partition}`);
  try {
    const committed =
      select === undefined ? await transport.committedOffsets(group, source.topic) : undefined;
    await collect(letters, committed?.get(source.partition) ?? 0, options);
    const offsets = select === undefined ? [{ ...source, offset: end }] : [];
    if (records.length > 0) await producer.transact(records, [{ group, offsets }]);
  } finally {
    await producer.close();
  }
}

async function collect(
  letters: ReplayLetters,
  from: number,
  { transport, select }: ReplayOptions,
): Promise<void> {
  const { byReason, records, end } = letters;
  await transport.read(letters.source, (batch) => {
    for (const record of batch) {
      if (record.offset < from || record.offset >= end) continue;
      const letter = readDeadLetter(record);
      if (letter === undefined || select?.(letter) === false) {
        letters.skipped += 1;
        continue;
      }
      byReason.set(letter.reason, (byReason.get(letter.reason) ?? 0) + 1);
      records.push(toReplay(record, letter));
    }
  });
}

function presentHeaders(headers: Headers | undefined): Record<string, Buffer | string> {
  const present: Record<string, Buffer | string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) if (value !== undefined) present[name] = value;
  return present;
}
