/**
 * Dead letters: the original key, bytes and headers of a record that could not be processed, with more headers
 * that say where it came from and why. Nothing is encoded again, so that the original can be replayed.
 *
 * A letter has an identity: the step, and the place of the record when it died for the first time. A record that is
 * replayed carries that place. So when it dies again, it is the same letter.
 */
import { bytesOf, defaultLetterBytes, fitLetter, type Cut } from './letter-size.ts';
import type { Headers } from './step.ts';
import { partitionKey, type ProducerRecord, type RawRecord, type TopicPartition } from './transport.ts';

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
  /** `topic/partition@offset` of the record that died first; set on replayed records. */
  origin: `${prefix}origin`,
  /** Number of bytes that the original's key, value and headers have. Each is set only where the letter has less. */
  cutKey: `${prefix}cut.key`,
  cutValue: `${prefix}cut.value`,
  cutHeaders: `${prefix}cut.headers`,
} as const;

export interface DeadLetter {
  /** Where the record lies that could not be processed. */
  readonly source: TopicPartition;
  readonly offset: number;
  readonly step: string;
  /** One of a small closed set, for counting. */
  readonly reason: string;
  /** Text for people. */
  readonly detail: string;
}

/** A dead letter as it is read from its topic. */
export interface StoredDeadLetter extends DeadLetter {
  /** Number of times that the record was replayed before it died. */
  readonly replays: number;
  /** `topic/partition@offset` of the record that died first. */
  readonly origin: string;
  /** `step origin`: the same for every death of the same record in the same step. */
  readonly id: string;
  /** The letter does not contain the complete original, which lies at `source` and `offset`. */
  readonly isCut: boolean;
}

const maxDetail = 1_000;

/**
 * Makes the record for the dead-letter topic. It keeps the key, so letters of one key stay in order.
 * @param maxBytes what the dead-letter topic accepts; a larger record is cut
 */
export function toDeadLetter(
  topic: string,
  record: RawRecord,
  letter: DeadLetter,
  maxBytes = defaultLetterBytes,
): ProducerRecord {
  const added = {
    [deadLetterHeaders.topic]: letter.source.topic,
    [deadLetterHeaders.partition]: String(letter.source.partition),
    [deadLetterHeaders.offset]: String(letter.offset),
    [deadLetterHeaders.timestamp]: String(record.timestamp),
    [deadLetterHeaders.step]: letter.step,
    [deadLetterHeaders.reason]: letter.reason,
    [deadLetterHeaders.detail]: letter.detail.slice(0, maxDetail),
    ...replayHeaders(record.headers),
  };
  const { key, value, headers, cut } = fitLetter(
    { key: record.key, value: record.value, headers: ownHeaders(record.headers) },
    bytesOf(added),
    maxBytes,
  );
  return {
    topic,
    key,
    value,
    // A broker may refuse times ahead, and a letter must be accepted. The header keeps the record's own time.
    timestamp: Math.min(record.timestamp, Date.now()),
    headers: { ...headers, ...added, ...cutHeaders(cut) },
    compressesLarge: true,
  };
}

function cutHeaders({ key, value, headers }: Cut): Record<string, string> {
  return {
    ...(key === undefined ? {} : { [deadLetterHeaders.cutKey]: String(key) }),
    ...(value === undefined ? {} : { [deadLetterHeaders.cutValue]: String(value) }),
    ...(headers === undefined ? {} : { [deadLetterHeaders.cutHeaders]: String(headers) }),
  };
}

/** Returns undefined when the record has no dead-letter headers. */
export function readDeadLetter(record: RawRecord): StoredDeadLetter | undefined {
  const text = (name: string): string => record.headers?.[name]?.toString() ?? '';
  const topic = text(deadLetterHeaders.topic);
  if (topic === '') return undefined;
  const source = { topic, partition: Number(text(deadLetterHeaders.partition)) };
  const offset = Number(text(deadLetterHeaders.offset));
  const step = text(deadLetterHeaders.step);
  const origin = text(deadLetterHeaders.origin) || `${partitionKey(source)}@${offset}`;
  const { cutKey, cutValue, cutHeaders } = deadLetterHeaders;
  return {
    source,
    offset,
    step,
    reason: text(deadLetterHeaders.reason),
    detail: text(deadLetterHeaders.detail),
    replays: Number(text(deadLetterHeaders.replays) || '0'),
    origin,
    id: `${step} ${origin}`,
    isCut: [cutKey, cutValue, cutHeaders].some((name) => text(name) !== ''),
  };
}

/**
 * Returns the original record, for the topic and partition it came from.
 * @param original the record at the letter's source; the letter itself, unless it was cut
 */
export function toReplay(
  original: RawRecord,
  { source, replays, origin }: Pick<StoredDeadLetter, 'source' | 'replays' | 'origin'>,
): ProducerRecord {
  return {
    topic: source.topic,
    partition: source.partition,
    key: original.key,
    value: original.value,
    timestamp: original.timestamp,
    headers: {
      ...ownHeaders(original.headers),
      [deadLetterHeaders.replays]: String(replays + 1),
      [deadLetterHeaders.origin]: origin,
    },
    compressesLarge: true,
  };
}

/** The headers of the original, without those that say how it died before. */
function ownHeaders(headers: Headers | undefined): Record<string, Buffer | string> {
  const own: Record<string, Buffer | string> = {};
  for (const [name, value] of Object.entries(headers ?? {}))
    if (value !== undefined && !name.startsWith(prefix)) own[name] = value;
  return own;
}

/** A topic's name has up to 249 characters. */
const longestOrigin = 300;

/** What a replayed record says about its earlier deaths. */
function replayHeaders(headers: Headers | undefined): Record<string, string> {
  const { replays, origin } = deadLetterHeaders;
  return Object.fromEntries(
    [replays, origin].flatMap((name) => {
      const text = headers?.[name]?.toString() ?? '';
      return text === '' || text.length > longestOrigin ? [] : [[name, text]];
    }),
  );
}
