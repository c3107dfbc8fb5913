/** Makes one attempt to store a batch: rows and positions in one transaction. */
import type { Pool, PoolClient } from 'pg';
import { leadsNowhere } from '../failures.ts';
import { rowsByTable, type Batch } from './batch.ts';
import { loadRows, type Load } from './load-rows.ts';
import { advancePositions } from './positions.ts';

export type Stored =
  | {
      readonly kind: 'stored';
      readonly rows: number;
      readonly duplicates: number;
      readonly byTable: ReadonlyMap<string, number>;
    }
  /** A partition's position is not where the batch begins, or another sink has claimed it. Nothing was written. */
  | { readonly kind: 'contested' };

/** Rejects with the database's error. Then nothing was written, unless the connection broke during the commit. */
export function storeBatch(pool: Pool, sink: string, batch: Batch, load: Load): Promise<Stored> {
  return withClient(pool, (client) => inTransaction(client, sink, batch, load));
}

/** Does the work in a transaction that is rolled back, so that nothing is written. */
export function inRolledBack<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return withClient(pool, async (client) => {
    await client.query(begin);
    const result = await work(client);
    await client.query('ROLLBACK');
    return result;
  });
}

/**
 * Whether the server moves the positions of the batch and takes an empty set of rows for its tables, as when a batch is
 * stored. So it is up and in order, and no lock holds the tables. Nothing is written.
 */
export async function answersWithoutRows(pool: Pool, sink: string, batch: Batch): Promise<boolean> {
  try {
    return await inRolledBack(pool, async (client) => {
      await client.query("SET LOCAL statement_timeout = '5s'");
      const mine = await advance(client, sink, batch);
      for (const table of rowsByTable(batch).keys()) await loadRows(client, table, [], 'insert');
      return mine;
    });
  } catch {
    return false;
  }
}

async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = true;
  try {
    const result = await work(client);
    broken = false;
    return result;
  } catch (error) {
    broken = !(await rolledBack(client, error));
    throw error;
  } finally {
    client.release(broken);
  }
}

/** A process that is frozen in the middle of a batch must not keep rows locked, because the next owner waits for them. */
export const begin = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '5s'";

async function inTransaction(client: PoolClient, sink: string, batch: Batch, load: Load): Promise<Stored> {
  await client.query(begin);
  if (!(await advance(client, sink, batch))) {
    await client.query('ROLLBACK');
    return { kind: 'contested' };
  }
  const byTable = new Map<string, number>();
  let sent = 0;
  let rows = 0;
  for (const [table, { rows: tableRows, text }] of rowsByTable(batch)) {
    if (tableRows.length === 0) continue;
    rows += await loadRows(client, table, tableRows, load, text);
    sent += tableRows.length;
    byTable.set(table.name, tableRows.length);
  }
  await client.query('COMMIT');
  return { kind: 'stored', rows, duplicates: sent - rows, byTable };
}

const advance = (client: PoolClient, sink: string, batch: Batch): Promise<boolean> =>
  advancePositions(
    client,
    sink,
    batch.map(({ partition, from, to }) => ({ ...partition.source, from, to, epoch: partition.epoch })),
  );

/** Rolls back. @returns whether the connection can be used again: only after an error of a server that still serves us */
async function rolledBack(client: PoolClient, error: unknown): Promise<boolean> {
  const reported = error instanceof Error && 'severity' in error && error.severity === 'ERROR';
  if (!reported || leadsNowhere(error)) return false;
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}
