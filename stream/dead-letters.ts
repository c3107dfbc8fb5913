/**
 * Dead letters: the original key, bytes and headers of a record that could not be processed, with more headers
 * that say where it came from and why. Nothing is encoded again, so that the original can be replayed.
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
  /** How often the record has been replayed; set on replayed records. */
  replays: `${prefix}replays`,
} as const;

export interface DeadLetter {
  readonly source: TopicPartition;
  readonly offset: number;
  readonly step: string;
  /** One of a small closed set, for counting. */
  readonly reason: string;
  /** Text for people. */
  readonly detail: string;
}

const maxDetail = 1_000;

/** Makes the record for the dead-letter topic. It keeps the key, so letters of one key stay in order. */
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

/** Returns undefined when the record has no dead-letter headers. */
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

/** Returns the original record, for the topic and partition it came from. */
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
  /** The group whose committed offsets record what was already replayed. */
  readonly group: string;
  /**
   * Selects the letters to replay. Without it, each letter is replayed only once, ever. With it, the selected letters are sent
   * on every call, and no progress is committed.
   */
  readonly select?: (letter: DeadLetter) => boolean;
  readonly onProgress?: (replayed: number, skipped: number) => void;
}

export interface ReplayReport {
  readonly replayed: number;
  /** Records that were not selected, or have no dead-letter headers. */
  readonly skipped: number;
  readonly byReason: ReadonlyMap<string, number>;
}

/**
 * Sends the dead letters that are on the topic now back to the topics they came from. A record that fails again becomes a
 * new letter, which the same call does not replay. The records and the replay progress are committed in one transaction, so
 * a replay that was interrupted continues where it stopped.
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
  /** Records from this offset on came after the call began; a later call replays them. */
  readonly end: number;
  readonly records: ProducerRecord[];
  readonly byReason: Map<string, number>;
  skipped: number;
}

/** Sends all of one partition's letters and commits the progress, in one transaction. */
async function replayPartition(letters: ReplayLetters, options: ReplayOptions): Promise<void> {
  const { transport, group, select } = options;
  const { source, end, records } = letters;
  // Created before the offsets are read, because it ends any transaction that an earlier replay left open.
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
