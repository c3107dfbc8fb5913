/**
 * Finds the partitions in which nothing is committed although records come. A member can send heartbeats and still not get on: a
 * call that never returns, a transaction that is tried for ever.
 *
 * Time is counted in looks, so that a process that was suspended, or whose clock was put, does not accuse its tasks.
 */
import { partitionKey, type TopicPartition } from './transport.ts';

/** A partition in which nothing has been committed while records came. */
export interface Stall extends TopicPartition {
  readonly group: string;
  /** The next offset to process. */
  readonly committed: number;
  /** Since when it has not changed, ms since the epoch. */
  readonly since: number;
  /** The number of offsets that wait. */
  readonly records: number;
}

/** What one look shows of a partition. */
export interface SeenProgress extends TopicPartition {
  readonly group: string;
  readonly committed: number;
  readonly end: number;
  /** It stands still for a reason that is told elsewhere. */
  readonly isExcused?: boolean;
}

/** Nothing committed for so many looks is a stall: a minute of looks every 5 s. A take-over takes ten seconds or so. */
export const looksToStall = 12;
/** A partition that was seen last so many looks ago belongs to another member. Between two memberships it is kept. */
const looksToForget = 6;

interface Watched {
  /** The furthest committed offset. A task that is rebuilt begins again at what is really committed. */
  furthest: number;
  /** The end of the partition when it was last committed. */
  end: number;
  looks: number;
  unseen: number;
}

export class Stalls {
  readonly #watched = new Map<string, Watched>();
  readonly #every: number;
  #current: readonly Stall[] = [];

  /** @param every ms between two looks */
  constructor(every: number) {
    this.#every = every;
  }

  /** As of the last look. */
  get current(): readonly Stall[] {
    return this.#current;
  }

  look(all: readonly SeenProgress[]): void {
    for (const [key, watched] of this.#watched)
      if (++watched.unseen > looksToForget) this.#watched.delete(key);
      else watched.looks++;
    this.#current = all.flatMap((seen) => this.#lookAt(seen) ?? []);
  }

  /** Counts from now on: what was not committed until now has another cause. */
  restart(): void {
    this.#watched.clear();
    this.#current = [];
  }

  #lookAt({ group, topic, partition, committed, end, isExcused = false }: SeenProgress): Stall | undefined {
    const key = `${group}\n${partitionKey({ topic, partition })}`;
    const watched = this.#watched.get(key);
    if (watched === undefined || committed > watched.furthest || committed >= end || isExcused) {
      this.#watched.set(key, { furthest: committed, end, looks: 0, unseen: 0 });
      return undefined;
    }
    watched.unseen = 0;
    if (watched.looks < looksToStall || end <= watched.end) return undefined;
    const since = Date.now() - watched.looks * this.#every;
    return { group, topic, partition, committed, since, records: end - committed };
  }
}
