/** What an installation has kept of its own past: what is the same wherever it is kept. */
import { CastwatchError } from '../../base/errors.ts';
import type { OfflineRecord } from '../../processors/offline.ts';

/** By event time, ms since the epoch. */
export interface KeptSpan {
  /** The first event time that is wanted; everything that is kept when left out. */
  readonly since?: number | undefined;
  /** The first event time that is no longer wanted; when left out, up to the end as it is when an iteration begins. */
  readonly until?: number | undefined;
}

/** @param share of the reading that is done, 0 to 1 */
export type OnRead = (share: number) => void;

export const isWithin = (eventTime: number, { since, until }: KeptSpan): boolean =>
  eventTime >= (since ?? -Infinity) && eventTime < (until ?? Infinity);

/** How far an iteration is, for `progress()` and `onRead`. */
export class ReadingProgress {
  readonly #onRead: OnRead | undefined;
  #records = 0;
  #share = 0;
  #timestamp: number | undefined;

  constructor(onRead: OnRead | undefined) {
    this.#onRead = onRead;
  }

  restart(): void {
    this.#records = this.#share = 0;
    this.#timestamp = undefined;
  }

  give(batch: readonly OfflineRecord[]): readonly OfflineRecord[] {
    this.#records += batch.length;
    this.#timestamp = batch.at(-1)?.timestamp ?? this.#timestamp;
    return batch;
  }

  reach(share: number): void {
    this.#share = Math.min(1, share);
    this.#onRead?.(this.#share);
  }

  now() {
    return { records: this.#records, share: this.#share, timestamp: this.#timestamp };
  }
}

type EventRecord = OfflineRecord & { readonly topic: 'mesEvents' };

/**
 * Puts events before the first reading of their asset that is as late as they are. To give all events first would be as
 * good, but the number of events that may wait for their readings is bounded.
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

export function nothingKept(where: string, { since, until }: KeptSpan): CastwatchError {
  const isBounded = since !== undefined || until !== undefined;
  return new CastwatchError('INPUT', `${where} holds no readings${isBounded ? ' of that time' : ''}`, {
    remedy: isBounded
      ? 'Ask for another span by --since and --until, or for none.'
      : 'Publish some first (`castwatch start`, `castwatch source`), or check TOPIC_PREFIX and the addresses.',
  });
}
