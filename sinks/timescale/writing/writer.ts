/**
 * Stores the records of the partitions, one batch after another. It keeps a batch until the batch is stored, its bad records
 * are dead letters or too many, or its partitions belong to another group member. With a backlog, it decodes the next batch while the
 * database stores the current one.
 */
import type { Pool } from 'pg';
import { pause } from '../../../base/retry.ts';
import { messageOf } from '../../../base/text.ts';
import { partitionKey, Signal } from '../../../stream/index.ts';
import { attemptBatch } from './attempt.ts';
import { halve, takeSlice, type Batch, type BatchSlice, type Item, type Letter } from './batch.ts';
import { failureOf } from '../failures.ts';
import { LetterWriter, type LetterWriterOptions } from './letter-writer.ts';
import type { Load } from './load-rows.ts';
import type { SinkPartition } from './partition.ts';
import { readPositions } from './positions.ts';
import { mostRecords } from './refusal-limit.ts';
import { findRefused } from './refused-rows.ts';

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
    const attempt = await attemptBatch(this.#options, owned);
    if (attempt === undefined) return;
    if (attempt.kind === 'stored') {
      for (const slice of owned) settle(slice);
    } else if (attempt.kind === 'contested') {
      await this.#settle(owned);
    } else if (attempt.kind === 'too-large') {
      await this.#storeHalves(owned);
    } else {
      await this.#isolate(owned, attempt.why);
    }
  }

  /**
   * Finds the records that the database refuses because of their data, in a part of one partition that the limit of
   * refusals can judge at once.
   */
  async #isolate(batch: Batch, why: string): Promise<void> {
    const [slice] = batch;
    if (slice === undefined) return;
    if (batch.length > 1 || slice.items.length > mostRecords) {
      await this.#storeHalves(batch);
      return;
    }
    const [only, ...others] = slice.items;
    if (only !== undefined && others.length === 0) {
      await this.#bury(slice, new Map([[only, why]]));
      return;
    }
    const found = await findRefused(this.#options, slice);
    if (found === undefined) return;
    // None on its own: the batch is too large, or is refused when it is committed.
    if (found === 'too-large' || found.size === 0) await this.#storeHalves(batch);
    else await this.#bury(slice, found);
  }

  /** Halts the partition when too many are refused; else makes them dead letters and stores the others. */
  async #bury(slice: BatchSlice, refused: ReadonlyMap<Item, string>): Promise<void> {
    const { partition } = slice;
    const letters: Letter[] = [];
    const items = slice.items.map((item): Item => {
      const detail = refused.get(item);
      if (detail === undefined) return item;
      const fault = { reason: 'refused', detail } as const;
      letters.push({ partition, record: item.record, ...fault });
      return { record: item.record, rows: [], fault };
    });
    if (partition.haltsOnRefused(items, letters.at(-1)?.detail ?? '')) {
      partition.owned = false;
      this.#halt(partition);
    } else if (await this.#letters.write(letters)) await this.#store([{ ...slice, items, text: undefined }]);
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
      if (now?.epoch === partition.epoch && now.nextOffset === to) settle(slice);
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

/** Call it when the slice's records are stored or dead letters. */
function settle({ partition, to, items }: BatchSlice): void {
  partition.stored = to;
  partition.countFates(items);
}
