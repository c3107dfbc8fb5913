/** Looks whether TimescaleDB's jobs run: without them nothing is compressed, refreshed or forgotten, and no query fails. */
import type { Pool } from 'pg';
import type { StreamLog } from '../../../stream/index.ts';
import { serverKind } from '../database-connection.ts';
import { failingJobs } from '../queries/jobs.ts';
import type { SinkObserver } from './observer.ts';

export interface JobWatchOptions {
  readonly pool: Pool;
  readonly log: StreamLog;
  readonly observer: SinkObserver;
}

const lookEvery = 60_000; // ms

export class JobWatch {
  readonly #options: JobWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #failing: readonly string[] = [];

  constructor(options: JobWatchOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#look();
    this.#timer = setInterval(() => void this.#look(), lookEvery).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One sentence per job that fails or is overdue. */
  get notices(): readonly string[] {
    return this.#failing;
  }

  async #look(): Promise<void> {
    const { pool, log, observer } = this.#options;
    let failing: readonly string[];
    try {
      failing = (await serverKind(pool)) === 'timescaledb' ? await failingJobs(pool) : [];
    } catch {
      // The writers say when the database does not answer. What was found stays true until then.
      return;
    }
    const known = new Set(this.#failing);
    for (const job of failing)
      if (!known.has(job))
        log.error({ remedy: 'look at timescaledb_information.job_errors and at the log of the server' }, job);
    if (known.size > 0 && failing.length === 0) log.info({}, "TimescaleDB's jobs run again");
    this.#failing = failing;
    observer.jobsFailing?.(failing.length);
  }
}
