/**
 * The edition of a step that a group member runs. Members with unlike editions do not share partitions: one would throw away
 * what only the other knows. Every member says its edition when it joins, and the group's leader gives all partitions to the
 * members of one edition. The others wait without partitions until those have left.
 *
 * The edition that knows most works, so that an update that adds keys begins with the first new member. Of editions that know
 * the same, or of which each knows something that the other does not, the one with the oldest member works.
 */
import { isJsonObject, parseJsonObject } from './json-object.ts';
import { murmur2 } from './partitioner.ts';

export interface Edition {
  /** What it is an edition of. Editions with different names never wait for one another: they have met by mistake. */
  readonly name: string;
  /** The same for members that treat every record alike; a hash, for example. */
  readonly id: string;
  /** When this member began, ms since the epoch: the same after each time it joins again. */
  readonly since: number;
  /** The keys and the fields that it knows; more of them are known to a later edition. */
  readonly keys: Known;
  readonly fields: Known;
}

/** Names that an edition knows: all there can be, or a sample. It is complete up to 1,000 names; beyond, their number decides. */
export type Known = 'any' | Sample;

interface Sample {
  readonly count: number;
  /** The smallest hashes, in order. */
  readonly hashes: readonly number[];
}

/** Keeps a member's entry in the group's metadata below 10 kB, however many names there are. */
const mostHashes = 1_000;

/** @param names what an edition knows; `any`: every name */
export function known(names: readonly string[] | 'any'): Known {
  if (names === 'any') return 'any';
  const hashes = new Set(names.map((name) => murmur2(Buffer.from(name))));
  return { count: hashes.size, hashes: [...hashes].sort((a, b) => a - b).slice(0, mostHashes) };
}

/** @param one undefined: a member that says nothing of its edition */
const sameEdition = (one: Edition | undefined, other: Edition | undefined): boolean =>
  one?.id === other?.id && one?.name === other?.name;

/** Which edition of those in a group works; undefined when no member says its edition. */
export function editionAtWork(editions: readonly (Edition | undefined)[]): Edition | undefined {
  const said = editions.filter((edition) => edition !== undefined);
  const [oldest] = said
    .filter((one) => !said.some((other) => knowsMore(other, one)))
    .sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1));
  return oldest;
}

/** The members that get partitions. */
export function membersAtWork<Member extends { readonly edition: Edition | undefined }>(
  members: readonly Member[],
): readonly Member[] {
  const atWork = editionAtWork(members.map(({ edition }) => edition));
  return members.filter(({ edition }) => sameEdition(edition, atWork));
}

/** The edition for which a member waits; undefined when its own works, or when it says none. */
export function editionBefore(
  own: Edition | undefined,
  all: readonly (Edition | undefined)[],
): Edition | undefined {
  const atWork = editionAtWork(all);
  return own === undefined || sameEdition(own, atWork) ? undefined : atWork;
}

const knowsMore = (one: Edition, other: Edition): boolean => covers(one, other) && !covers(other, one);

const covers = (one: Edition, other: Edition): boolean =>
  one.name === other.name && includes(one.keys, other.keys) && includes(one.fields, other.fields);

function includes(one: Known, other: Known): boolean {
  if (one === 'any') return true;
  if (other === 'any' || other.count > one.count) return false;
  const all = new Set(one.hashes);
  const last = one.hashes.length < one.count ? (one.hashes.at(-1) ?? -Infinity) : Infinity;
  return other.hashes.every((hash) => hash > last || all.has(hash));
}

const format = 1;

/** The bytes for the user data of a member's subscription. */
export function encodeEdition(edition: Edition | undefined): Buffer {
  return edition === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify({ format, ...edition }));
}

/** @returns undefined for bytes that are no edition: of another program, or of a version before editions */
export function decodeEdition(bytes: Buffer | null | undefined): Edition | undefined {
  const said = parseJsonObject(bytes?.toString() ?? '');
  if (said === undefined) return undefined;
  const { name, id, since } = said;
  const [keys, fields] = [asKnown(said['keys']), asKnown(said['fields'])];
  if (typeof name !== 'string' || typeof id !== 'string' || typeof since !== 'number') return undefined;
  return keys && fields && { name, id, since, keys, fields };
}

function asKnown(value: unknown): Known | undefined {
  if (value === 'any') return 'any';
  if (!isJsonObject(value) || typeof value['count'] !== 'number' || !Array.isArray(value['hashes']))
    return undefined;
  return { count: value['count'], hashes: value['hashes'].map(Number) };
}

/**
 * What a member does that has no partitions because another edition has them all. If that has another name, it is another
 * application: the member must not take the partitions over when they become free.
 */
export function waitingFor(
  other: Edition,
  own: Edition | undefined,
  group: string,
): { readonly state: 'waiting' | 'halted'; readonly message: string } {
  const text = `${inWords(other)} has all partitions of ${group}, and this instance has ${inWords(own)}`;
  if (other.name === own?.name)
    return { state: 'waiting', message: `${text}: it waits until the others have left` };
  return {
    state: 'halted',
    message: `${text}: it has left the group. Stop it, or give it topics and groups of its own`,
  };
}

const inWords = (edition: Edition | undefined): string =>
  edition === undefined ? 'no edition' : `${edition.name} (${edition.id})`;
