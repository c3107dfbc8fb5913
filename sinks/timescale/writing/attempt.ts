/** Tries to store a batch until the database accepts it, or it is certain that it does not accept this batch. */
import type { Pool } from 'pg';
import { failureOf, type Failure } from '../failures.ts';
import { recordsIn, type Batch } from './batch.ts';
import type { Load } from './load-rows.ts';
import type { SinkObserver } from './observer.ts';
import { answersWithoutRows, storeBatch, type Stored } from './store-batch.ts';
import type { Waiting } from './waiting.ts';

export interface AttemptOptions {
  readonly pool: Pool;
  readonly sink: string;
  readonly load: Load;
  readonly observer: SinkObserver;
  readonly waiting: Waiting;
}

export type Attempt =
  | { readonly kind: 'stored' }
  | { readonly kind: 'contested' }
  | { readonly kind: 'refused'; readonly why: string }
  /** The server fails on this batch each time, though not because of its data. */
  | { readonly kind: 'too-large' };

/** Number of failures in a row, such as too little memory, after which a batch is halved. */
export const failuresToHalve = 3;
/** Number of such failures in a row after which a single record is the cause, if the server does all the rest. */
const failuresToBlame = 5;

/** @returns undefined when the sink stops */
export async function attemptBatch(options: AttemptOptions, batch: Batch): Promise<Attempt | undefined> {
  const { pool, sink, observer, waiting } = options;
  let { load } = options;
  let failures = 0;
  return waiting.until<Attempt>('database', async (failed) => {
    for (;;) {
      const [began, startedAt] = [performance.now(), Date.now()];
      const seconds = (): number => (performance.now() - began) / 1000;
      try {
        const result = await storeBatch(pool, sink, batch, load);
        if (result.kind === 'stored')
          reportStored(observer, batch, result, { seconds: seconds(), startedAt });
        observer.attempt?.(result.kind === 'stored' ? 'stored' : 'fenced', seconds());
        return { kind: result.kind };
      } catch (error) {
        const failure = failureOf(error);
        if (failure.kind === 'outage') {
          observer.attempt?.('unavailable', seconds());
          failed(failure.message, failure.remedy);
          failures = failure.mayBeSize === true ? failures + 1 : 0;
          return failures === 0 ? undefined : causedByBatch(options, batch, failures, failure);
        }
        if (load === 'insert') {
          observer.attempt?.('refused', seconds());
          return { kind: 'refused', why: failure.message };
        }
        // COPY fails on rows that exist already; `insert` skips them.
        load = 'insert';
      }
    }
  });
}

/** Tells a batch that the server cannot bear from a server that is out of order. @returns undefined: wait and try again */
async function causedByBatch(
  { pool, sink }: AttemptOptions,
  batch: Batch,
  failures: number,
  { message }: Failure,
): Promise<Attempt | undefined> {
  if (recordsIn(batch) > 1) return failures >= failuresToHalve ? { kind: 'too-large' } : undefined;
  if (failures < failuresToBlame || !(await answersWithoutRows(pool, sink, batch))) return undefined;
  const why = `the server fails on this record each time, but does the same without its rows: ${message}`;
  return { kind: 'refused', why };
}

function reportStored(
  observer: SinkObserver,
  batch: Batch,
  { rows, duplicates, byTable }: Stored & { readonly kind: 'stored' },
  { seconds, startedAt }: { readonly seconds: number; readonly startedAt: number },
): void {
  observer.stored?.({ records: recordsIn(batch), rows, duplicates, seconds });
  for (const [table, count] of byTable) observer.rows?.(table, count);
  if (observer.committed === undefined) return;
  for (const { partition, items } of batch) {
    const records = items.flatMap((item) => (item.rows.length > 0 ? [item.record] : []));
    if (records.length > 0)
      observer.committed(partition.source, partition.binding.table.name, records, startedAt);
  }
}
