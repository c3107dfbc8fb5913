/** What an installation has kept of its own past: how it is asked for, and what is the same wherever it lies. */
import type { OfflineRecord } from '../../processors/offline.ts';
import type { Malformed } from '../../base/malformed.ts';
import { CastwatchError } from '../../base/errors.ts';

/** By event time, ms since the epoch. */
export interface Span {
  /** The first; everything that is kept when left out. */
  readonly since?: number | undefined;
  /** The first that is no longer wanted; up to the end as it is at the beginning of the reading when left out. */
  readonly until?: number | undefined;
}

/** Batches in causal order, each time anew. */
export interface KeptHistory extends AsyncIterable<readonly OfflineRecord[]> {
  /** What the latest iteration could not read. */
  malformed(): Malformed;
}

/** @param share of the reading that is done, 0 … 1 */
export type OnRead = (share: number) => void;

export const isWithin = (eventTime: number, { since, until }: Span): boolean =>
  eventTime >= (since ?? -Infinity) && eventTime < (until ?? Infinity);

type EventRecord = OfflineRecord & { readonly topic: 'mesEvents' };

/**
 * Puts events before the first reading of their asset that is as late as they are. All of them first would be as good,
 * were there not a bound on how many may wait for their readings.
 */
export function amongEvents(
  events: readonly EventRecord[],
): (batch: readonly OfflineRecord[]) => readonly OfflineRecord[] {
  const waiting = new Map<string, EventRecord[]>();
  // the latest first, so that the next is taken from the end; of equal times the earlier in `events` comes first
  for (const event of events.toSorted((a, b) => a.value.eventTime - b.value.eventTime).reverse()) {
    const { asset } = event.value;
    const mine = waiting.get(asset);
    if (mine === undefined) waiting.set(asset, [event]);
    else mine.push(event);
  }
  const due = (asset: string, eventTime: number): EventRecord[] => {
    const mine = waiting.get(asset);
    const taken: EventRecord[] = [];
    for (
      let next = mine?.at(-1);
      next !== undefined && next.value.eventTime <= eventTime;
      next = mine?.at(-1)
    ) {
      taken.push(next);
      mine?.pop();
    }
    return taken;
  };
  return (batch) =>
    batch.flatMap((record) =>
      record.value === null ? record : [...due(record.value.asset, record.value.eventTime), record],
    );
}

export function nothingKept(where: string, { since, until }: Span): CastwatchError {
  const isBounded = since !== undefined || until !== undefined;
  return new CastwatchError('INPUT', `${where} holds no readings${isBounded ? ' of that time' : ''}`, {
    remedy: isBounded
      ? 'Ask for another span by --since and --until, or for none.'
      : 'Publish some first (`castwatch start`, `castwatch source`), or check TOPIC_PREFIX and the addresses.',
  });
}
