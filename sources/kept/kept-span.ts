/** What the sources topic and db have in common: the span, the progress, and the order of events and readings. */
import { CastwatchError } from '../../base/errors.ts';
import type { OfflineRecord } from '../../processors/offline.ts';

/** By event time, ms since the epoch. */
export interface KeptSpan {
  /** Start of the span (inclusive). Default: the oldest record that is kept. */
  readonly since?: number | undefined;
  /** End of the span (exclusive). Default: the newest record when an iteration begins. */
  readonly until?: number | undefined;
}

/** @param share how much of the history has been read, 0 to 1 */
export type OnRead = (share: number) => void;

export const isWithin = (eventTime: number, { since, until }: KeptSpan): boolean =>
  eventTime >= (since ?? -Infinity) && eventTime < (until ?? Infinity);

/** Tracks the progress of an iteration, for `progress()` and `onRead`. */
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
 * Inserts each event before the first reading of its asset with the same or a later event time. Events cannot all come
 * first, because the step features limits the number of events that are ahead of the readings.
 */
export function amongEvents(
  events: readonly EventRecord[],
): (batch: readonly OfflineRecord[]) => readonly OfflineRecord[] {
  const waiting = new Map<string, EventRecord[]>();
  // The latest first, so that the next event is at the end. Of equal times, the earlier one in `events` is given first.
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
  return new CastwatchError(
    'INPUT',
    `${where} contains no readings${isBounded ? ' in the requested span' : ''}`,
    {
      remedy: isBounded
        ? 'Change --since and --until, or leave them out.'
        : 'Publish readings first (`castwatch start`, `castwatch source`), or check TOPIC_PREFIX and the addresses.',
    },
  );
}
