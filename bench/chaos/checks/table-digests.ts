import type { Pool } from 'pg';

/** Computes one digest per table of its complete content, in any order of rows, without the bookkeeping columns. */
export async function tableDigests(pool: Pool): Promise<ReadonlyMap<string, string>> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = 'castwatch' AND table_type = 'BASE TABLE' AND table_name NOT IN ('sink_offsets', 'sink_gaps')`,
  );
  const digests = new Map<string, string>();
  for (const { name } of rows) {
    const quoted = `castwatch."${name.replaceAll('"', '""')}"`;
    const { rows: found } = await pool.query<{ digest: string }>(
      `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS digest FROM ${quoted} t`,
    );
    digests.set(name, found[0]?.digest ?? '');
  }
  return digests;
}
