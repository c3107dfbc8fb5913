/**
 * The dead letters as an operator sees them: one for each identity, however often it came back, and what was decided about
 * it. A decision is a record on the same topic, without a value. It lies in the letter's partition, after the letter.
 */
import { readDeadLetter, type StoredDeadLetter } from './dead-letters.ts';
import type { ProducerRecord, RawRecord, TopicPartition, Transport } from './transport.ts';

const prefix = 'dead-letter-decision.';

const headers = {
  kind: `${prefix}kind`,
  id: `${prefix}id`,
  replays: `${prefix}replays`,
  by: `${prefix}by`,
  why: `${prefix}why`,
} as const;

/** `replayed`: sent back to its topic. `discarded`: nothing more is to be done about it. */
export type DecisionKind = 'replayed' | 'discarded';

export interface LetterDecision {
  readonly kind: DecisionKind;
  /** The letter's id. */
  readonly id: string;
  /** Letters with at most this number of replays are covered. */
  readonly replays: number;
  readonly by: string;
  readonly why: string;
  /** ms since the epoch */
  readonly at: number;
}

/** A dead letter in the list. */
export interface ListedLetter extends StoredDeadLetter {
  /** Where on the dead-letter topic its latest record lies. */
  readonly place: TopicPartition & { readonly offset: number };
  /** ms since the epoch; the timestamp of the original. */
  readonly timestamp: number;
  readonly bytes: number;
  /** `open`: it waits for a decision. A letter that comes back is open again. */
  readonly state: 'open' | DecisionKind;
  /** The latest decision, also of a letter that has come back since. */
  readonly decision: LetterDecision | undefined;
}

export function toDecisionRecord(letter: ListedLetter, decision: LetterDecision): ProducerRecord {
  const { kind, id, replays, by, why, at } = decision;
  return {
    topic: letter.place.topic,
    partition: letter.place.partition,
    key: id,
    value: null,
    timestamp: at,
    headers: {
      [headers.kind]: kind,
      [headers.id]: id,
      [headers.replays]: String(replays),
      [headers.by]: by,
      [headers.why]: why,
    },
  };
}

/** Returns undefined when the record is not a decision about a letter. */
export function readDecision(record: RawRecord): LetterDecision | undefined {
  const text = (name: string): string => record.headers?.[name]?.toString() ?? '';
  const kind = text(headers.kind);
  if (kind !== 'replayed' && kind !== 'discarded') return undefined;
  return {
    kind,
    id: text(headers.id),
    replays: Number(text(headers.replays)),
    by: text(headers.by),
    why: text(headers.why),
    at: record.timestamp,
  };
}

export interface LetterList {
  /** In the order of the topic, partition by partition. */
  readonly letters: readonly ListedLetter[];
  /** Records on the topic that are neither letters nor decisions. */
  readonly strangers: number;
  /** The first offset that is left, of the partitions whose older records are deleted. */
  readonly begins: ReadonlyMap<number, number>;
}

interface Found extends Omit<ListedLetter, 'state' | 'decision'> {
  /** An earlier version has replayed it. That version kept its progress in the offsets of a group. */
  readonly isReplayed: boolean;
}

/**
 * Reads all letters and decisions.
 * @param group the group in whose offsets earlier versions recorded what was replayed
 */
export async function listDeadLetters(
  transport: Transport,
  topic: string,
  group: string,
): Promise<LetterList> {
  const committed = await transport.committedOffsets(group, topic);
  const found = new Map<string, Found>();
  const decisions = new Map<string, LetterDecision>();
  const begins = await transport.beginningOffsets(topic);
  let strangers = 0;
  for (const [partition] of await transport.endOffsets(topic)) {
    const replayedBefore = committed.get(partition) ?? 0;
    await transport.read({ topic, partition }, (records) => {
      for (const record of records) {
        const letter = readDeadLetter(record);
        const decision = letter === undefined ? readDecision(record) : undefined;
        if (letter !== undefined) {
          const place = { topic, partition, offset: record.offset };
          keepLatest(found, asFound(letter, record, place, record.offset < replayedBefore));
        } else if (decision !== undefined) keepLatestDecision(decisions, decision);
        else strangers += 1;
      }
    });
  }
  return {
    letters: [...found.values()].map((letter) => withState(letter, decisions.get(letter.id))),
    strangers,
    begins: new Map([...begins].filter(([, offset]) => offset > 0)),
  };
}

const asFound = (
  letter: StoredDeadLetter,
  { timestamp, value }: RawRecord,
  place: Found['place'],
  isReplayed: boolean,
): Found => ({ ...letter, place, timestamp, bytes: value?.length ?? 0, isReplayed });

/** A sink may write the same letter twice, after a crash. */
function keepLatest(found: Map<string, Found>, letter: Found): void {
  const before = found.get(letter.id);
  if (before === undefined || letter.replays >= before.replays) found.set(letter.id, letter);
}

function keepLatestDecision(decisions: Map<string, LetterDecision>, decision: LetterDecision): void {
  const before = decisions.get(decision.id);
  if (before === undefined || decision.replays >= before.replays) decisions.set(decision.id, decision);
}

function withState({ isReplayed, ...letter }: Found, decision: LetterDecision | undefined): ListedLetter {
  const covered = decision !== undefined && decision.replays >= letter.replays;
  return { ...letter, decision, state: covered ? decision.kind : isReplayed ? 'replayed' : 'open' };
}
