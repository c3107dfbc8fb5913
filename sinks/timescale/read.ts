/** Tables read back in the canonical form that mapping gives, so that stored and expected rows compare. */
import type { Pool, PoolClient } from 'pg';
import { canonicalJson, qualified, type Cell, type Column, type Row, type Table } from './columns.ts';

const fetchSize = 5_000;

/**
 * All rows, the volatile columns left out, by key in the order of bytes. Reads by cursor: memory stays small
 * however large the table is.
 */
export async function* readTable(pool: Pool, table: Table): AsyncGenerator<Row, void, undefined> {
  const columns = comparedColumns(table);
  const client = await pool.connect();
  try {
    await client.query('BEGIN READ ONLY');
    await client.query(`DECLARE rows NO SCROLL CURSOR FOR ${selectStatement(table, columns)}`);
    for (;;) {
      const rows = await fetchRows(client);
      for (const row of rows) yield columns.map(({ type }, index) => toCell(type, row[index]));
      if (rows.length < fetchSize) return;
    }
  } finally {
    await client.query('ROLLBACK').then(
      () => {
        client.release();
      },
      () => {
        client.release(true);
      },
    );
  }
}

export const comparedColumns = (table: Table): readonly Column[] =>
  table.columns.filter(({ volatile }) => volatile !== true);

async function fetchRows(client: PoolClient): Promise<unknown[][]> {
  const { rows } = await client.query<unknown[]>({ text: `FETCH ${fetchSize} FROM rows`, rowMode: 'array' });
  return rows;
}

function selectStatement(table: Table, columns: readonly Column[]): string {
  const cells = columns.map(({ name, type }) => {
    if (type === 'time') return `(extract(epoch FROM "${name}") * 1000)::double precision`;
    return type === 'integer' ? `"${name}"::double precision` : `"${name}"`;
  });
  const key = table.columns
    .slice(0, table.keyLength)
    .map(({ name, type }) => (type === 'text' ? `"${name}" COLLATE "C"` : `"${name}"`));
  return `SELECT ${cells.join(', ')} FROM ${qualified(table)} ORDER BY ${key.join(', ')}`;
}

function toCell(type: Column['type'], value: unknown): Cell {
  if (value === null) return null;
  return type === 'json' ? canonicalJson(value) : (value as Cell);
}
