/**
 * Lines that repeat. The first of a kind is written at once. Those that follow are counted, and written as one line with their
 * number, at intervals that grow as long as they keep coming. An outage of minutes is then some lines long, not thousands.
 */

/** What a line says of those that it stands for. */
export interface RepeatCount {
  /** Lines of this kind since the last one that was written, including this one. */
  readonly repeated: number;
  readonly repeatedSeconds: number;
}

/** Writes the line; the count is undefined for the first of its kind. */
export type WriteLine = (count?: RepeatCount) => void;

export interface RepeatOptions {
  /** ms from the first line to the one that counts those after it. */
  readonly first?: number;
  /** Each interval is this many times as long as the one before … */
  readonly growth?: number;
  /** … up to this, ms. */
  readonly longest?: number;
  /** The most kinds that are remembered. */
  readonly mostKinds?: number;
}

interface Kind {
  repeated: number;
  interval: number;
  since: number;
  /** Writes the newest line of this kind. */
  write: WriteLine;
  timer: NodeJS.Timeout;
}

export class Repeats {
  readonly #kinds = new Map<string, Kind>();
  readonly #options: Required<RepeatOptions>;

  constructor({ first = 10_000, growth = 3, longest = 600_000, mostKinds = 500 }: RepeatOptions = {}) {
    this.#options = { first, growth, longest, mostKinds };
  }

  /** Writes the line, or counts it. */
  line(kind: string, write: WriteLine): void {
    const known = this.#kinds.get(kind);
    if (known !== undefined) {
      known.repeated += 1;
      known.write = write;
      return;
    }
    write();
    const { first, mostKinds } = this.#options;
    this.#kinds.set(kind, {
      ...{ repeated: 0, interval: first, since: performance.now(), write },
      timer: this.#lookAfter(first, kind),
    });
    const [oldest] = this.#kinds.keys();
    if (this.#kinds.size > mostKinds && oldest !== undefined) this.#forget(oldest);
  }

  /** Writes what has been counted so far. */
  flush(): void {
    for (const kind of [...this.#kinds.keys()]) this.#forget(kind);
  }

  #lookAfter(ms: number, kind: string): NodeJS.Timeout {
    return setTimeout(() => {
      this.#look(kind);
    }, ms).unref();
  }

  /** A kind that did not repeat within its interval is over. The next line of it is the first again. */
  #look(name: string): void {
    const kind = this.#kinds.get(name);
    if (kind === undefined) return;
    if (kind.repeated === 0) {
      this.#kinds.delete(name);
      return;
    }
    writeCount(kind);
    const { growth, longest } = this.#options;
    kind.interval = Math.min(kind.interval * growth, longest);
    kind.timer = this.#lookAfter(kind.interval, name);
  }

  #forget(name: string): void {
    const kind = this.#kinds.get(name);
    if (kind === undefined) return;
    clearTimeout(kind.timer);
    this.#kinds.delete(name);
    if (kind.repeated > 0) writeCount(kind);
  }
}

function writeCount(kind: Kind): void {
  const now = performance.now();
  kind.write({ repeated: kind.repeated, repeatedSeconds: Math.round((now - kind.since) / 1000) });
  kind.repeated = 0;
  kind.since = now;
}
