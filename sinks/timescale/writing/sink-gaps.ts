/** Reports records that no longer existed when the sink was to store them, and keeps them in the table `sink_gaps`. */
import type { Pool } from 'pg';
import {
  describeGap,
  partitionKey,
  type Gap,
  type StreamLog,
  type TopicPartition,
} from '../../../stream/index.ts';
import type { SinkObserver } from './observer.ts';
import { keepGap } from './positions.ts';

export interface SinkGapsOptions {
  readonly sink: string;
  readonly pool: Pool;
  readonly log: StreamLog;
  readonly observer: SinkObserver;
}

/** Number of gaps that `notices` tells; the table and the metric have all. */
const mostNotices = 5;

export class SinkGaps {
  readonly #options: SinkGapsOptions;
  readonly #found = new Map<string, string>();

  constructor(options: SinkGapsOptions) {
    this.#options = options;
  }

  /** The latest gaps, one sentence each. */
  get notices(): readonly string[] {
    return [...this.#found.values()].slice(-mostNotices);
  }

  /** A gap that is kept already. Says so once. */
  report(source: TopicPartition, gap: Gap): void {
    const { log, observer } = this.#options;
    const key = `${partitionKey(source)} ${gap.reason} ${gap.from} ${gap.to ?? ''}`;
    if (this.#found.has(key)) return;
    const what = `${describeGap('the sink', source, gap)}; the database will not have them`;
    this.#found.set(key, what);
    observer.gap?.(source, gap);
    log.error({ ...source, reason: gap.reason, from: gap.from, to: gap.to }, what);
  }

  /** A gap that the sink meets while it reads. */
  meet(source: TopicPartition, gap: Gap): void {
    const { pool, sink, log } = this.#options;
    this.report(source, gap);
    keepGap(pool, sink, source, gap).catch((error: unknown) => {
      log.warn(
        { err: error, ...source, from: gap.from, to: gap.to },
        'a gap could not be kept in the database',
      );
    });
  }
}
