/**
 * Replays and discards dead letters. What is sent back and the decision about it are committed in one transaction, so a call
 * that was interrupted leaves the other letters open. A letter that cannot be sent back holds up no other.
 */
import { toReplay } from './dead-letters.ts';
import { isRefused, messageOf, StreamError } from './errors.ts';
import { listDeadLetters, toDecisionRecord, type DecisionKind, type ListedLetter } from './letter-list.ts';
import { partitionKey, type ProducerRecord, type RawRecord, type Transport } from './transport.ts';

export interface DecisionOptions {
  readonly transport: Transport;
  readonly deadLetterTopic: string;
  /** A name for those who decide; part of the transactional id. */
  readonly group: string;
  /** Selects among the letters; without it, all. */
  readonly select?: (letter: ListedLetter) => boolean;
  /** Also those that were replayed or discarded and have not come back. */
  readonly again?: boolean;
  readonly by?: string;
  readonly why?: string;
}

export interface ReplayOptions extends DecisionOptions {
  readonly onProgress?: (replayed: number, skipped: number) => void;
}

export interface ReplayReport {
  readonly replayed: number;
  /** Letters that were not selected or could not be sent back, and records that are no letters. */
  readonly skipped: number;
  readonly byReason: ReadonlyMap<string, number>;
  /** Letters that could not be sent back. They stay open. */
  readonly refused: readonly RefusedLetter[];
}

export interface RefusedLetter {
  readonly letter: ListedLetter;
  readonly why: string;
}

/** At most this much goes into one transaction. */
const most = { letters: 500, bytes: 4 * 1024 ** 2 };

/**
 * Sends the open dead letters that are on the topic now back to the topics they came from. A record that fails again becomes
 * the same letter, which the same call does not replay. A record of which several steps have letters is sent once.
 */
export async function replayDeadLetters(options: ReplayOptions): Promise<ReplayReport> {
  const { transport } = options;
  const byReason = new Map<string, number>();
  const refused: RefusedLetter[] = [];
  let replayed = 0;
  return decide('replayed', options, async ({ chosen, all, commit, skipped }) => {
    const targets = new Targets(transport);
    const replays = mostReplays(all);
    for (const records of chunks([...groupByOrigin(chosen).values()])) {
      const sendings: Sending[] = [];
      const originals = await readOriginals(records.flatMap(bestOf), transport);
      for (const letters of records) {
        const sending = await prepare(letters, replays, targets, originals);
        if ('why' in sending) refused.push(...letters.map((letter) => ({ letter, why: sending.why })));
        else sendings.push(sending);
      }
      for (const { letters, why } of await commitAll(sendings, commit))
        if (why === undefined)
          for (const { reason } of letters) {
            replayed += 1;
            byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
          }
        else refused.push(...letters.map((letter) => ({ letter, why })));
      options.onProgress?.(replayed, skipped + refused.length);
    }
    return { replayed, skipped: skipped + refused.length, byReason, refused };
  });
}

/** Decides that nothing more is to be done about the selected letters. Their records stay on the topic. */
export async function discardDeadLetters(
  options: DecisionOptions & { readonly by: string; readonly why: string },
): Promise<{ readonly discarded: number }> {
  return decide('discarded', options, async ({ chosen, commit }) => {
    for (let from = 0; from < chosen.length; from += most.letters)
      await commit([], chosen.slice(from, from + most.letters));
    return { discarded: chosen.length };
  });
}

/** Commits the records and the decision about the letters, in one transaction. */
type Commit = (records: readonly ProducerRecord[], letters: readonly ListedLetter[]) => Promise<void>;

interface Deciding {
  readonly chosen: readonly ListedLetter[];
  readonly all: readonly ListedLetter[];
  /** Letters that were not chosen, and strangers. */
  readonly skipped: number;
  readonly commit: Commit;
}

/** Opens a producer before it reads the letters, because that ends the work of an earlier call that still runs. */
async function decide<T>(
  kind: DecisionKind,
  options: DecisionOptions,
  work: (deciding: Deciding) => Promise<T>,
): Promise<T> {
  const { transport, deadLetterTopic: topic, group, select, again = false, by = '', why = '' } = options;
  const open = () => transport.transactionalProducer(`${group}-${topic}`);
  let producer = await open();
  try {
    const { letters, strangers } = await listDeadLetters(transport, topic, group);
    const chosen = letters.filter((each) => (again || each.state === 'open') && select?.(each) !== false);
    const at = Date.now();
    return await work({
      chosen,
      all: letters,
      skipped: letters.length - chosen.length + strangers,
      async commit(records, decided) {
        const decisions = decided.map((letter) =>
          toDecisionRecord(letter, { kind, id: letter.id, replays: letter.replays, by, why, at }),
        );
        try {
          await producer.transact([...records, ...decisions], []);
        } catch (error) {
          await producer.close();
          producer = await open();
          throw error;
        }
      },
    });
  } finally {
    await producer.close();
  }
}

/** A record to be sent back, and the letters about it. */
interface Sending {
  readonly letters: readonly ListedLetter[];
  readonly record: ProducerRecord;
}

const groupByOrigin = (letters: readonly ListedLetter[]): ReadonlyMap<string, readonly ListedLetter[]> =>
  Map.groupBy(letters, ({ origin }) => origin);

/** By origin: how often its record has been replayed, as far as any of its letters says. */
function mostReplays(letters: readonly ListedLetter[]): ReadonlyMap<string, number> {
  const replays = new Map<string, number>();
  for (const { origin, replays: times, decision } of letters)
    replays.set(origin, Math.max(replays.get(origin) ?? 0, times, decision?.replays ?? 0));
  return replays;
}

function* chunks(
  groups: readonly (readonly ListedLetter[])[],
): Generator<readonly (readonly ListedLetter[])[]> {
  let chunk: (readonly ListedLetter[])[] = [];
  let bytes = 0;
  for (const group of groups) {
    const size = group[0]?.bytes ?? 0;
    if (chunk.length > 0 && (chunk.length === most.letters || bytes + size > most.bytes)) {
      yield chunk;
      [chunk, bytes] = [[], 0];
    }
    chunk.push(group);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

async function prepare(
  letters: readonly ListedLetter[],
  replays: ReadonlyMap<string, number>,
  targets: Targets,
  originals: ReadonlyMap<ListedLetter, RawRecord>,
): Promise<Sending | { readonly why: string }> {
  const [letter] = bestOf(letters);
  if (letter === undefined) throw new Error('a record without letters cannot be replayed');
  const wrong = await targets.problem(letter.source);
  if (wrong !== undefined) return { why: wrong };
  const original = originals.get(letter);
  if (original === undefined)
    return {
      why: `${partitionKey(letter.source)} no longer has offset ${letter.offset}, and the letter was cut`,
    };
  return {
    letters,
    record: toReplay(original, { ...letter, replays: replays.get(letter.origin) ?? letter.replays }),
  };
}

/** Commits all at once. If the broker refuses that because of a record, each one alone. */
async function commitAll(
  sendings: readonly Sending[],
  commit: Commit,
): Promise<readonly { readonly letters: readonly ListedLetter[]; readonly why?: string }[]> {
  if (sendings.length === 0) return [];
  try {
    await commit(
      sendings.map(({ record }) => record),
      sendings.flatMap(({ letters }) => letters),
    );
    return sendings;
  } catch (error) {
    if (!isRefused(error)) throw error;
    if (sendings.length === 1) return sendings.map(({ letters }) => ({ letters, why: messageOf(error) }));
  }
  const results = [];
  for (const sending of sendings) results.push(...(await commitAll([sending], commit)));
  return results;
}

/** Of several letters about one record, the one to send back: a complete one, if there is one. */
function bestOf(letters: readonly ListedLetter[]): readonly ListedLetter[] {
  const best = letters.find(({ isCut }) => !isCut) ?? letters[0];
  return best === undefined ? [] : [best];
}

/** Reads the letters' records from their topic, and of letters that were cut the originals from theirs, if they are still there. */
async function readOriginals(
  letters: readonly ListedLetter[],
  transport: Transport,
): Promise<ReadonlyMap<ListedLetter, RawRecord>> {
  const originals = new Map<ListedLetter, RawRecord>();
  const complete = letters.filter(({ isCut }) => !isCut);
  for (const [partition, there] of Map.groupBy(complete, ({ place }) => place.partition)) {
    const byOffset = new Map(there.map((letter) => [letter.place.offset, letter]));
    const offsets = [...byOffset.keys()];
    const topic = there[0]?.place.topic ?? '';
    await transport.read(
      { topic, partition },
      (records) => {
        for (const record of records) {
          const letter = byOffset.get(record.offset);
          if (letter !== undefined) originals.set(letter, record);
        }
      },
      { from: Math.min(...offsets), to: Math.max(...offsets) + 1 },
    );
  }
  for (const letter of letters.filter(({ isCut }) => isCut)) {
    const original = await readRecord(transport, { ...letter.source, offset: letter.offset });
    if (original !== undefined) originals.set(letter, original);
  }
  return originals;
}

async function readRecord(
  transport: Transport,
  place: ListedLetter['place'],
): Promise<RawRecord | undefined> {
  let found: RawRecord | undefined;
  try {
    await transport.read(
      place,
      (records) => {
        found ??= records.find(({ offset }) => offset === place.offset);
      },
      { from: place.offset, to: place.offset + 1 },
    );
  } catch (error) {
    // `Targets` says what is wrong with the topic.
    if (!(error instanceof StreamError && error.code.startsWith('TOPIC_'))) throw error;
  }
  return found;
}

/** Finds out which topics and partitions can be written. */
class Targets {
  readonly #transport: Transport;
  readonly #partitions = new Map<string, number | undefined>();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Returns why nothing can be sent there; undefined when it can. */
  async problem({ topic, partition }: ListedLetter['source']): Promise<string | undefined> {
    if (!this.#partitions.has(topic)) this.#partitions.set(topic, await this.#count(topic));
    const count = this.#partitions.get(topic);
    if (count === undefined) return `topic ${topic} does not exist`;
    return partition < count ? undefined : `topic ${topic} has no partition ${partition}`;
  }

  async #count(topic: string): Promise<number | undefined> {
    try {
      return await this.#transport.partitionCount(topic);
    } catch (error) {
      if (error instanceof StreamError && error.code === 'TOPIC_MISSING') return undefined;
      throw error;
    }
  }
}
