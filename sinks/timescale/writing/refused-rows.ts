/** Finds out which records the database refuses because of their data. It writes nothing: its transaction is rolled back. */
import type { PoolClient } from 'pg';
import { failureOf } from '../failures.ts';
import { failuresToHalve, type AttemptOptions } from './attempt.ts';
import { halvesOf, type BatchSlice, type Item } from './batch.ts';
import { loadRows } from './load-rows.ts';
import { inRolledBack } from './store-batch.ts';
import type { Table } from '../columns/define-table.ts';

export type Refused = ReadonlyMap<Item, string>;

/**
 * @returns each refused record with the reason; `too-large` when the server fails on the search each time; undefined when the
 *   sink stops
 */
export async function findRefused(
  { pool, waiting, observer }: AttemptOptions,
  { partition, items }: BatchSlice,
): Promise<Refused | 'too-large' | undefined> {
  let failures = 0;
  const found = await waiting.until<{ readonly refused: Refused | 'too-large' }>(
    'database',
    async (failed) => {
      const refused = new Map<Item, string>();
      try {
        await inRolledBack(pool, async (client) => {
          // What is checked only at the end of a transaction is checked now.
          await client.query('SET CONSTRAINTS ALL IMMEDIATE');
          await search(client, partition.binding.table, items, {
            refuse: (item, why) => refused.set(item, why),
            split: () => observer.split?.(),
          });
        });
        return { refused };
      } catch (error) {
        const failure = failureOf(error);
        failed(failure.message, failure.remedy);
        failures = failure.mayBeSize === true ? failures + 1 : 0;
        return failures < failuresToHalve ? undefined : { refused: 'too-large' };
      }
    },
  );
  return found?.refused;
}

interface Searching {
  readonly refuse: (item: Item, why: string) => void;
  readonly split: () => void;
}

/** Rows that are taken stay in the transaction, because later rows may be refused with them. */
async function search(
  client: PoolClient,
  table: Table,
  items: readonly Item[],
  searching: Searching,
): Promise<void> {
  const rows = items.flatMap((item) => item.rows);
  if (rows.length === 0) return;
  await client.query('SAVEPOINT part');
  try {
    await loadRows(client, table, rows, 'insert');
    await client.query('RELEASE part');
    return;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind !== 'data') throw error;
    await client.query('ROLLBACK TO part; RELEASE part');
    const [only, ...others] = items;
    if (only !== undefined && others.length === 0) {
      searching.refuse(only, failure.message);
      return;
    }
  }
  searching.split();
  for (const half of halvesOf(items)) await search(client, table, half, searching);
}
