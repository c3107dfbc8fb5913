/**
 * Stores the records of the partitions, one batch after another. It keeps a batch until the batch is stored, its bad records
 * are dead letters, or its partitions belong to another group member. With a backlog, it decodes the next batch while the
 * database stores the current one.
 */
import type { Pool } from 'pg';
import { pause } from '../../../base/retry.ts';
import { messageOf } from '../../../base/text.ts';
import { partitionKey, Signal } from '../../../stream/index.ts';
import { halve, recordsIn, takeSlice, type Batch, type Letter, type BatchSlice } from './batch.ts';
import { failureOf } from '../failures.ts';
import { LetterWriter, type LetterWriterOptions } from './letter-writer.ts';
import type { Load } from './load-rows.ts';
import type { SinkObserver } from './observer.ts';
import type { SinkPartition } from './partition.ts';
import { readPositions } from './positions.ts';
import { storeBatch } from './store-batch.ts';

export interface WriterOptions extends LetterWriterOptions {
  readonly pool: Pool;
  readonly load: Load;
  /** The approximate number of rows in one transaction. */
  readonly batchRows: number;
  /** The shortest time between two small batches, ms. A record that comes after a longer pause does not wait. */
  readonly linger: number;
  readonly partitions: () => Iterable<SinkPartition>;
  /** Called when the partition's buffer has room again, or the partition was halted. */
  readonly onTaken: (partition: SinkPartition) => void;
  /** Called when another sink has claimed the partition, or its position in the database is not the one we stored. */
  readonly onContested: (partition: SinkPartition) => void;
}

type Attempt =
  | { readonly kind: 'stored' }
  | { readonly kind: 'contested' }
  | { readonly kind: 'refused'; readonly why: string }
  /** The server fails on this batch each time, though not because of its data. */
  | { readonly kind: 'too-large' };

/** Number of equal failures in a row after which a batch is halved. */
const failuresToHalve = 3;

/** A batch that is decoded but not stored yet. */
interface Taken {
  readonly batch: Batch;
  readonly letters: readonly Letter[];
}

/** When every buffer has fewer records than this, the writer waits a moment for more. */
const small = 200;

const isSmall = ({ buffer }: SinkPartition): boolean => buffer.count < small;

export class Writer {
  readonly #options: WriterOptions;
  readonly #work = new Signal();
  readonly #hurry = new AbortController();
  readonly #letters: LetterWriter;
  #turn = 0;
  #takenAt = performance.now();

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#letters = new LetterWriter(options);
  }

  /** Call this when there are new records to store. */
  wake(): void {
    this.#work.set();
  }

  /** Stores the remaining records; then `run` resolves. */
  drain(): void {
    this.#hurry.abort();
    this.#work.set();
  }

  async run(): Promise<void> {
    let next = await this.#next();
    while (next !== undefined) {
      const [ahead] = await Promise.all([this.#takeAhead(), this.#storeTaken(next)]);
      next = ahead ?? (await this.#next());
    }
    await this.#letters.close();
  }

  /** Waits for records to store; undefined when the sink stops. */
  async #next(): Promise<Taken | undefined> {
    const { signal, linger } = this.#options;
    while (!signal.aborted) {
      const behind = this.#behind();
      if (behind.length > 0) {
        const wait = this.#takenAt + linger - performance.now();
        if (wait > 0 && behind.every(isSmall)) await pause(wait, this.#hurry.signal);
        return this.#take();
      }
      if (this.#hurry.signal.aborted) break;
      await this.#work.wait();
    }
    return undefined;
  }

  /** Takes the next batch, unless it would be small: then it can grow while the current one is stored. */
  async #takeAhead(): Promise<Taken | undefined> {
    return this.#behind().every(isSmall) ? undefined : this.#take();
  }

  async #storeTaken({ batch, letters }: Taken): Promise<void> {
    if (await this.#letters.write(letters.filter(({ partition }) => partition.owned)))
      await this.#store(batch);
  }

  #behind(): SinkPartition[] {
    return [...this.#options.partitions()].filter(({ behind }) => behind);
  }

  async #take(): Promise<Taken> {
    const { batchRows, load, onTaken } = this.#options;
    this.#takenAt = performance.now();
    const behind = this.#behind();
    // Each partition gets a share, and a different one is first each time.
    const share = Math.max(1, Math.ceil(batchRows / Math.max(1, behind.length)));
    this.#turn = (this.#turn + 1) % Math.max(1, behind.length);
    const batch: BatchSlice[] = [];
    const letters: Letter[] = [];
    for (const partition of [...behind.slice(this.#turn), ...behind.slice(0, this.#turn)]) {
      const slice = await takeSlice(partition, {
        ...{ maxRows: share, load, letters },
        prepare: (from, values) => this.#prepare(from, values),
      });
      if (slice.to !== slice.from) batch.push(slice);
      onTaken(partition);
      if (partition.halted !== undefined) this.#halt(partition);
    }
    return { batch, letters };
  }

  async #prepare(partition: SinkPartition, values: readonly Buffer[]): Promise<void> {
    let pending = partition.binding.prepare(values);
    if (pending === undefined) return;
    await this.#options.waiting.until('registry', async (failed) => {
      try {
        await (pending ?? partition.binding.prepare(values));
        return {};
      } catch (error) {
        pending = undefined;
        failed(messageOf(error), 'check that the schema registry is up and reachable');
        return undefined;
      }
    });
  }

  async #store(batch: Batch): Promise<void> {
    const owned = batch.filter(({ partition }) => partition.owned);
    if (owned.length === 0) return;
    const attempt = await this.#attempt(owned);
    if (attempt === undefined) return;
    if (attempt.kind === 'stored') {
      for (const slice of owned) this.#settleFates(slice);
    } else if (attempt.kind === 'contested') {
      await this.#settle(owned);
    } else if (attempt.kind === 'too-large') {
      await this.#storeHalves(owned);
    } else {
      await this.#isolate(owned, attempt.why);
    }
  }

  /** Call it when the slice's records are stored or dead letters. If that halts the partition, the rest in memory is dropped. */
  #settleFates({ partition, to, items }: BatchSlice): void {
    partition.stored = to;
    if (!items.some(({ record, fault }) => partition.haltsOnFate(record, fault))) return;
    partition.owned = false;
    this.#halt(partition);
  }

  /** Tries to store the batch until the database accepts or refuses these rows. */
  async #attempt(batch: Batch): Promise<Attempt | undefined> {
    const { pool, sink, observer, waiting } = this.#options;
    let { load } = this.#options;
    let failures = 0;
    return waiting.until<Attempt>('database', async (failed) => {
      for (;;) {
        const [began, startedAt] = [performance.now(), Date.now()];
        const ended = (outcome: 'stored' | 'fenced' | 'refused' | 'unavailable'): void => {
          observer.attempt?.(outcome, (performance.now() - began) / 1000);
        };
        try {
          const result = await storeBatch(pool, sink, batch, load);
          if (result.kind === 'stored') {
            observer.stored?.({
              records: recordsIn(batch),
              rows: result.rows,
              duplicates: result.duplicates,
              seconds: (performance.now() - began) / 1000,
            });
            for (const [table, rows] of result.byTable) observer.rows?.(table, rows);
            reportCommitted(observer, batch, startedAt);
          }
          ended(result.kind === 'stored' ? 'stored' : 'fenced');
          return result.kind === 'stored' ? { kind: 'stored' } : { kind: 'contested' };
        } catch (error) {
          const failure = failureOf(error);
          if (failure.kind === 'outage') {
            ended('unavailable');
            failed(failure.message, failure.remedy);
            failures = failure.mayBeSize === true ? failures + 1 : 0;
            if (failures >= failuresToHalve && recordsIn(batch) > 1) return { kind: 'too-large' };
            return undefined;
          }
          if (load === 'insert') {
            ended('refused');
            return { kind: 'refused', why: failure.message };
          }
          // COPY fails on rows that exist already; `insert` skips them.
          load = 'insert';
        }
      }
    });
  }

  /** Halves a batch that the database refuses because of its data, until the bad record is found. */
  async #isolate(batch: Batch, why: string): Promise<void> {
    const [slice] = batch;
    const [item] = slice?.items ?? [];
    if (slice !== undefined && item !== undefined && recordsIn(batch) === 1) {
      const { partition } = slice;
      if (!(await this.#letters.write([{ partition, record: item.record, reason: 'refused', detail: why }])))
        return;
      await this.#store([
        { ...slice, items: [{ record: item.record, rows: [], fault: why }], text: undefined },
      ]);
      return;
    }
    await this.#storeHalves(batch);
  }

  async #storeHalves(batch: Batch): Promise<void> {
    this.#options.observer.split?.();
    const [first, second] = halve(batch);
    await this.#store(first);
    await this.#store(second);
  }

  /**
   * Handles a batch that was not stored because a partition's position is not where the batch begins. There are three
   * causes: our own commit succeeded although the connection broke, another sink has claimed the partition, or the database
   * has lost commits.
   */
  async #settle(batch: Batch): Promise<void> {
    const { pool, sink, waiting, onContested } = this.#options;
    const positions = await waiting.until('database', async (failed) => {
      try {
        return new Map(
          (await readPositions(pool, sink)).map((position) => [partitionKey(position), position]),
        );
      } catch (error) {
        const failure = failureOf(error);
        failed(failure.message, failure.remedy);
        return undefined;
      }
    });
    if (positions === undefined) return;
    const open: BatchSlice[] = [];
    for (const slice of batch) {
      const { partition, from, to } = slice;
      const now = positions.get(partitionKey(partition.source));
      if (now?.epoch === partition.epoch && now.nextOffset === to) this.#settleFates(slice);
      else if (now?.epoch === partition.epoch && now.nextOffset === from) open.push(slice);
      else {
        partition.owned = false;
        onContested(partition);
      }
    }
    await this.#store(open);
  }

  #halt(partition: SinkPartition): void {
    this.#options.log.error(
      { ...partition.source, remedy: 'fix the producer or the table, then run `castwatch breaker resume`' },
      `the sink has stopped storing ${partitionKey(partition.source)}: ${partition.halted ?? ''}`,
    );
  }
}

function reportCommitted(observer: SinkObserver, batch: Batch, startedAt: number): void {
  if (observer.committed === undefined) return;
  for (const { partition, items } of batch) {
    const records = items.flatMap(({ record, rows }) => (rows.length > 0 ? [record] : []));
    if (records.length > 0)
      observer.committed(partition.source, partition.binding.table.name, records, startedAt);
  }
}
