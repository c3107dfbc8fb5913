/**
 * A lock in the database that allows one training per process at a time. The database releases it when its holder
 * dies.
 */
import { createHash } from 'node:crypto';
import type { Pool } from 'pg';

export type Locked<T> = { readonly held: true; readonly result: T } | { readonly held: false };

/** Runs `work` while holding the lock. Returns `held: false` at once when another holder has it. */
export async function withLock<T>(pool: Pool, name: string, work: () => Promise<T>): Promise<Locked<T>> {
  const key = createHash('sha256').update(`castwatch ${name}`).digest().readInt32LE();
  // The lock belongs to the database session, so it needs its own connection.
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [key]);
    if (rows[0]?.held !== true) return { held: false };
    try {
      return { held: true, result: await work() };
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [key]).catch(() => undefined);
    }
  } finally {
    client.release();
  }
}
