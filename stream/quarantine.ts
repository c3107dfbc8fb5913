/** Sources of records, a key or a producer, that a breaker does not count because only their records die. */

export interface WindowRecord {
  readonly died: boolean;
  /** Empty when the record has no key. */
  readonly key: string;
  /** Below 0 when the producer is not known. */
  readonly producer: number;
}

export interface QuarantinedSource {
  readonly by: 'key' | 'producer';
  /** The key, or the id that the broker gave to the producer. */
  readonly name: string;
  /** ms since the epoch */
  readonly since: number;
  /** Number of its records that became dead letters since then. */
  readonly letters: number;
}

interface Entry {
  readonly by: QuarantinedSource['by'];
  readonly name: string;
  readonly since: number;
  letters: number;
  /** Records in a row that lived. */
  lived: number;
}

/** With more faulty sources than this, the step or the deployment is at fault. */
const mostSources = 3;
/** Records of others that show that the step works: one in this many of those after which a breaker may trip. */
const evidenceShare = 5;
/** Of the others, at most this part of the share at which a breaker trips may die: only one source is at fault. */
const othersDie = 0.25;

export class Quarantine {
  readonly #minimum: number;
  readonly #entries = new Map<string, Entry>();

  /** @param minimum number of records after which the breaker may trip; a source that lives for so many is released */
  constructor(minimum: number) {
    this.#minimum = minimum;
  }

  get sources(): readonly QuarantinedSource[] {
    return [...this.#entries.values()].map(({ by, name, since, letters }) => ({ by, name, since, letters }));
  }

  /** Whether a record is of a quarantined source. A source whose records live again is released. */
  has(key: string, producer: number, died: boolean): boolean {
    const found = this.#find(key, producer);
    if (found === undefined) return false;
    if (died) {
      found.letters += 1;
      found.lived = 0;
    } else if (++found.lived >= this.#minimum) this.#entries.delete(idOf(found.by, found.name));
    return true;
  }

  /** Whether records of this key or producer are of a quarantined source, without counting one. */
  isSource(key: string, producer: number): boolean {
    return this.#find(key, producer) !== undefined;
  }

  #find(key: string, producer: number): Entry | undefined {
    if (this.#entries.size === 0) return undefined;
    return this.#entries.get(idOf('key', key)) ?? this.#entries.get(idOf('producer', String(producer)));
  }

  /**
   * Looks for one source most of whose records die and whose records are nearly all that die, and quarantines it.
   * @returns the records of the others; undefined when there is no such source
   */
  findFaulty(window: readonly WindowRecord[], maxShare: number): readonly WindowRecord[] | undefined {
    if (this.#entries.size >= mostSources) return undefined;
    for (const by of ['key', 'producer'] as const) {
      const name = mostDeaths(window, by);
      if (name === undefined) continue;
      const others = window.filter((record) => nameOf(record, by) !== name);
      const dead = others.filter(({ died }) => died).length;
      if (others.length < this.#minimum / evidenceShare || dead > othersDie * maxShare * others.length)
        continue;
      const letters = window.filter((record) => record.died && nameOf(record, by) === name).length;
      if (letters <= maxShare * (window.length - others.length)) continue;
      this.#entries.set(idOf(by, name), { by, name, since: Date.now(), letters, lived: 0 });
      return others;
    }
    return undefined;
  }
}

const idOf = (by: QuarantinedSource['by'], name: string): string => `${by} ${name}`;

const nameOf = ({ key, producer }: WindowRecord, by: QuarantinedSource['by']): string =>
  by === 'key' ? key : String(producer);

/** Returns the source of which most records died; undefined when it is not known. */
function mostDeaths(window: readonly WindowRecord[], by: QuarantinedSource['by']): string | undefined {
  const deaths = new Map<string, number>();
  for (const record of window) {
    if (!record.died || (by === 'producer' && record.producer < 0)) continue;
    const name = nameOf(record, by);
    deaths.set(name, (deaths.get(name) ?? 0) + 1);
  }
  return [...deaths].sort(([, one], [, other]) => other - one)[0]?.[0];
}
