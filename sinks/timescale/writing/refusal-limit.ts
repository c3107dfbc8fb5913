/**
 * Decides, before a dead letter is written, whether the records that the database refuses may become dead letters. A server
 * that is set up wrongly refuses good records with the same errors as bad ones. So too many refusals halt the partition.
 *
 * Too many are more than half of the records that are judged together, counted with the refusals directly before them. So a
 * server that refuses one record after another gets no further than `few`. Too many are also more than half of the last
 * records when dead letters of other kinds are among them.
 */
import {
  noProducer,
  Quarantine,
  type QuarantinedSource,
  type RawRecord,
  type WindowRecord,
} from '../../../stream/index.ts';
import type { DeadLetterReason } from './observer.ts';

/** A record whose fate is known. */
export interface Fated {
  readonly record: Pick<RawRecord, 'offset' | 'key' | 'producerId'>;
  /** Why it is, or will be, a dead letter; undefined when it is stored. */
  readonly fault?: { readonly reason: DeadLetterReason } | undefined;
}

/** Number of refusals in a row that may become dead letters. */
export const few = 5;
/** Number of latest records that count. */
export const mostRecords = 1_000;
/** Records after which the share of all dead letters counts. */
const least = 100;
const maxShare = 0.5;

interface Counted extends WindowRecord {
  readonly reason: DeadLetterReason | undefined;
}

export class RefusalLimit {
  readonly #quarantine = new Quarantine(least);
  /** Fates of the latest records, without those of quarantined sources. */
  #past: readonly Counted[] = [];

  /** The keys and producers whose records it does not count. */
  get quarantined(): readonly QuarantinedSource[] {
    return this.#quarantine.sources;
  }

  /**
   * Judges records before the refused ones become dead letters. One key or producer whose records die among living ones of
   * others is quarantined; then the limit holds for the others.
   * @returns "6 of the last 6 records" when too many are refused; undefined when they may become dead letters
   */
  exceededBy(records: readonly Fated[]): string | undefined {
    const fresh = records
      .map(toCounted)
      .filter((each) => !this.#quarantine.isSource(each.key, each.producer));
    const all = [...this.#past, ...fresh].slice(-mostRecords);
    const tooMany = this.#tooMany(all, Math.min(fresh.length, all.length));
    if (tooMany === undefined) return undefined;
    const sinceFirstDeath = all.slice(all.findIndex(({ died }) => died));
    if (this.#quarantine.findFaulty(sinceFirstDeath, maxShare) === undefined) return tooMany;
    this.#past = this.#past.filter(({ key, producer }) => !this.#quarantine.isSource(key, producer));
    return undefined;
  }

  /** Counts records that are stored or have become dead letters. */
  count(records: readonly Fated[]): void {
    const fresh = records
      .slice(-mostRecords)
      .map(toCounted)
      .filter(({ key, producer, died }) => !this.#quarantine.has(key, producer, died));
    this.#past = [...this.#past, ...fresh].slice(-mostRecords);
  }

  /** @param fresh number of the last records that are judged now */
  #tooMany(all: readonly Counted[], fresh: number): string | undefined {
    const judged = all.slice(startOfRun(all, all.length - fresh)).filter(isAnswered);
    const refused = judged.filter(({ died }) => died).length;
    if (refused > few && refused > maxShare * judged.length)
      return `${refused} of the last ${judged.length} records`;
    const dead = all.filter(({ died }) => died).length;
    if (all.length >= least && dead > maxShare * all.length)
      return `${dead} of the last ${all.length} records`;
    return undefined;
  }
}

/** The database has stored or refused it. */
const isAnswered = ({ reason }: Counted): boolean => reason === undefined || reason === 'refused';

/** The index of the first of the records directly before `end` of which none is stored. */
function startOfRun(all: readonly Counted[], end: number): number {
  let start = end;
  while (start > 0 && all[start - 1]?.died === true) start -= 1;
  return start;
}

const toCounted = ({ record: { key, producerId = noProducer }, fault }: Fated): Counted => ({
  ...{ died: fault !== undefined, reason: fault?.reason },
  ...{ key: key?.toString() ?? '', producer: producerId },
});
