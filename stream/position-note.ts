/**
 * What is kept with the committed position of a step in a partition: in which topic the offset counts, for how many partitions
 * the state was made, in which changelog it lies, and which records were left out. It is committed with the offset, so it
 * always belongs to it.
 */

import { isJsonObject, parseJsonObject } from './json-object.ts';

/**
 * Why records were left out: they were deleted before they were read, the topic was made anew, or the state is gone. Without
 * the position nobody knows which records the state contains.
 */
export const gapReasons = ['deleted', 'topic-replaced', 'state-lost', 'position-lost'] as const;
export type GapReason = (typeof gapReasons)[number];

/** Records that a step was to process next, and that it has left out or cannot have. */
export interface Gap {
  readonly reason: GapReason;
  /** The first offset that is left out. */
  readonly from: number;
  /** The offset after the last one; undefined when nobody knows, because the topic was made anew. */
  readonly to: number | undefined;
  /** When it was left out, ms since the epoch. */
  readonly at: number;
  /** Who has accepted it and why; undefined when the step goes on by itself. */
  readonly by?: string | undefined;
  readonly why?: string | undefined;
}

export interface PositionNote {
  /** Id of the topic in which the offset counts. */
  readonly topicId: string;
  /** Number of partitions for which the state was made. */
  readonly partitions: number;
  /** Id of the changelog; empty for a step without state. */
  readonly changelogId: string;
  /** The latest gaps of this partition, oldest first. */
  readonly gaps: readonly Gap[];
}

/** A note has room for this number of gaps, because a broker takes 4,096 bytes. */
const mostGaps = 8;
const mostText = 120;

/** Adds a gap. One that continues or repeats another of the same reason becomes one with it. */
export function withGap(note: PositionNote, gap: Gap): PositionNote {
  const isSame = (other: Gap): boolean =>
    other.reason === gap.reason &&
    other.from <= (gap.to ?? Infinity) &&
    gap.from <= (other.to ?? Infinity) &&
    gap.reason === 'deleted';
  const same = note.gaps.filter(isSame);
  const others = note.gaps.filter((other) => !isSame(other));
  const merged = same.reduce<Gap>(
    (sum, { from, to }) => ({
      ...sum,
      from: Math.min(sum.from, from),
      to: sum.to === undefined || to === undefined ? undefined : Math.max(sum.to, to),
    }),
    gap,
  );
  return { ...note, gaps: [...others, merged].slice(-mostGaps) };
}

export function writeNote({ topicId, partitions, changelogId, gaps }: PositionNote): string {
  const short = gaps.map(({ reason, from, to, at, by, why }) => ({
    ...{ reason, from, to, at },
    by: by?.slice(0, mostText),
    why: why?.slice(0, mostText),
  }));
  return JSON.stringify({ topicId, partitions, changelogId, gaps: short });
}

/** Returns undefined for a position that was committed without a note, as older versions do, or with somebody else's. */
export function readNote(text: string): PositionNote | undefined {
  const value = parseJsonObject(text);
  if (value === undefined) return undefined;
  const { topicId, partitions, changelogId, gaps } = value;
  if (typeof topicId !== 'string' || typeof partitions !== 'number' || typeof changelogId !== 'string')
    return undefined;
  return { topicId, partitions, changelogId, gaps: Array.isArray(gaps) ? gaps.flatMap(readGap) : [] };
}

function readGap(value: unknown): Gap[] {
  if (!isJsonObject(value)) return [];
  const { from, to, at, by, why } = value;
  const reason = gapReasons.find((each) => each === value['reason']);
  if (reason === undefined || typeof from !== 'number' || typeof at !== 'number') return [];
  return [
    {
      ...{ reason, from, at },
      to: typeof to === 'number' ? to : undefined,
      ...(typeof by === 'string' ? { by } : {}),
      ...(typeof why === 'string' ? { why } : {}),
    },
  ];
}

/**
 * What is kept beside the state of a step: from which topics it was made. Kafka forgets the positions in a topic that is
 * deleted; this stays.
 */
export interface StateNote {
  readonly partitions: number;
  /** Ids of the inputs, by topic. */
  readonly inputs: Readonly<Record<string, string>>;
}

export const writeStateNote = ({ partitions, inputs }: StateNote): string =>
  JSON.stringify({ partitions, inputs });

export function readStateNote(text: string): StateNote | undefined {
  const value = parseJsonObject(text);
  if (value === undefined || typeof value['partitions'] !== 'number' || !isJsonObject(value['inputs']))
    return undefined;
  const ids = Object.entries(value['inputs']).flatMap(([topic, id]) =>
    typeof id === 'string' ? [[topic, id] as const] : [],
  );
  return { partitions: value['partitions'], inputs: Object.fromEntries(ids) };
}
