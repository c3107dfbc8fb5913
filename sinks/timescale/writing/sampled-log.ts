/** Writes the first lines of each kind in a minute, and at the end of the minute how many it has left out. */
import type { StreamLog } from '../../../stream/index.ts';

const most = 5;
const minute = 60_000;

interface Kind {
  lines: number;
  fields: object;
}

export class SampledLog {
  readonly #log: StreamLog;
  readonly #kinds = new Map<string, Kind>();
  #timer: NodeJS.Timeout | undefined;

  constructor(log: StreamLog) {
    this.#log = log;
  }

  warn(kind: string, fields: object, message: string): void {
    this.#timer ??= setTimeout(() => {
      this.#turn();
    }, minute).unref();
    const { lines } = this.#kinds.get(kind) ?? { lines: 0 };
    this.#kinds.set(kind, { lines: lines + 1, fields });
    if (lines < most) this.#log.warn(fields, message);
  }

  /** Says what was left out so far. */
  close(): void {
    clearTimeout(this.#timer);
    this.#turn();
  }

  #turn(): void {
    this.#timer = undefined;
    for (const [kind, { lines, fields }] of this.#kinds)
      if (lines > most)
        this.#log.warn(
          { ...fields, count: lines - most },
          `${kind}: ${lines - most} more dead letters within a minute; these fields are of the last`,
        );
    this.#kinds.clear();
  }
}
