/**
 * Finds which piece is on the asset at a given time, from MES events. The events may come in any order and more than once.
 * Events up to the watermark are folded into one fact per level; later events wait.
 */
import type { MesEvent } from '../../schemas/generated/types.ts';
import { textBytes } from '../bytes.ts';

export type Piece = Readonly<Record<string, string>>;

/** The most events that may be ahead of the readings, and the most bytes that they may have in the changelog. */
const maxWaiting = 4096;
export const maxWaitingBytes = 1024 ** 2;

/** What is true at one level, since the event that reported it. */
export interface LevelFact {
  readonly since: EventOrder;
  /** Undefined after the piece has ended. */
  readonly id: string | undefined;
  readonly properties: Readonly<Record<string, string>>;
}

export interface EventOrder {
  readonly eventTime: number;
  readonly sequence: number;
  readonly source: string;
}

export interface WaitingEvent extends EventOrder {
  readonly type: MesEvent['type'];
  readonly level: string;
  readonly id: string;
  readonly properties: Readonly<Record<string, string>>;
}

export interface PieceHistory {
  /** The events up to the watermark, folded by level. */
  readonly facts: Map<string, LevelFact>;
  /** The later events, ascending. */
  readonly waiting: WaitingEvent[];
  /** Bytes of the later events in the changelog. */
  waitingBytes: number;
  /** Rises with each change. */
  version: number;
}

export const emptyHistory = (): PieceHistory => ({
  facts: new Map(),
  waiting: [],
  waitingBytes: 0,
  version: 0,
});

/** What happened to an event. `superseded`: rows have already been made with a later event of its level. */
export type Taken = 'taken' | 'duplicate' | 'superseded' | 'overflow';

export function takeEvent(history: PieceHistory, event: MesEvent, properties: readonly string[]): Taken {
  const fact = history.facts.get(event.level);
  if (fact) {
    const order = compare(event, fact.since);
    if (order === 0) return 'duplicate';
    if (order < 0) return 'superseded';
  }
  const { waiting } = history;
  let at = waiting.length;
  for (; at > 0; at--) {
    const before = waiting[at - 1];
    if (before === undefined) break;
    const order = compare(before, event);
    if (order === 0 && before.level === event.level) return 'duplicate';
    if (order < 0) break;
  }
  const { eventTime, sequence, source, type, level, id } = event;
  const kept = Object.entries(event.properties).filter(([name]) => properties.includes(name));
  const later = { eventTime, sequence, source, type, level, id, properties: Object.fromEntries(kept) };
  const bytes = eventBytes(later);
  if (waiting.length >= maxWaiting || history.waitingBytes + bytes > maxWaitingBytes) return 'overflow';
  waiting.splice(at, 0, later);
  history.waitingBytes += bytes;
  history.version++;
  return 'taken';
}

/** Bytes of a later event in the changelog. */
export function eventBytes({ level, source, id, properties }: WaitingEvent): number {
  let bytes = 8 + 8 + 1 + 4 + textBytes(level) + textBytes(source) + textBytes(id);
  for (const [name, value] of Object.entries(properties)) bytes += textBytes(name) + textBytes(value);
  return bytes;
}

/** Folds the events before the watermark. Later rows never need an earlier time. */
export function foldBefore(history: PieceHistory, watermark: number): void {
  const { facts, waiting } = history;
  let folded = 0;
  for (const event of waiting) {
    if (event.eventTime >= watermark) break;
    apply(facts, event);
    history.waitingBytes -= eventBytes(event);
    folded++;
  }
  if (folded === 0) return;
  waiting.splice(0, folded);
  history.version++;
}

/** The piece on the asset just before `end`: each level's id, and the properties of all levels. */
export function pieceAt(history: PieceHistory, levels: readonly string[], end: number): Piece {
  let { facts } = history;
  for (const event of history.waiting) {
    if (event.eventTime >= end) break;
    if (facts === history.facts) facts = new Map(facts);
    apply(facts, event);
  }
  const piece: Record<string, string> = {};
  for (const level of levels) {
    const fact = facts.get(level);
    if (fact?.id === undefined) continue;
    Object.assign(piece, fact.properties);
    piece[level] = fact.id;
  }
  return piece;
}

function apply(facts: Map<string, LevelFact>, event: WaitingEvent): void {
  const { eventTime, sequence, source, type, level, id, properties } = event;
  const since = { eventTime, sequence, source };
  const before = facts.get(level);
  switch (type) {
    case 'STARTED':
      facts.set(level, { since, id, properties });
      return;
    case 'CHANGED':
      facts.set(level, { since, id, properties: { ...before?.properties, ...properties } });
      return;
    case 'ENDED':
      // The end of a different piece changes nothing for the piece that is on the asset.
      facts.set(
        level,
        before && before.id !== id ? { ...before, since } : { since, id: undefined, properties: {} },
      );
  }
}

function compare(a: EventOrder, b: EventOrder): number {
  if (a.eventTime !== b.eventTime) return a.eventTime - b.eventTime;
  if (a.sequence !== b.sequence) return a.sequence - b.sequence;
  if (a.source === b.source) return 0;
  return a.source < b.source ? -1 : 1;
}
