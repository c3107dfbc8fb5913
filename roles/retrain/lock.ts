/** One training per process at a time, whoever asks: a lock that the database lets go of when its holder dies. */
import { createHash } from 'node:crypto';
import type { Pool } from 'pg';

export type Locked<T> = { readonly held: true; readonly result: T } | { readonly held: false };

/** Runs `work` while holding the lock; `held: false` at once when somebody else has it. */
export async function withLock<T>(pool: Pool, name: string, work: () => Promise<T>): Promise<Locked<T>> {
  const key = createHash('sha256').update(`castwatch ${name}`).digest().readInt32LE();
  // the lock is the session's: one connection is kept for it
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
