/** Reads tables back in the same canonical form that records are mapped to, so that stored and expected rows can be compared. */
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { qualified, readBack } from '../sql.ts';
import { canonicalJson } from '../columns/canonical-json.ts';
import type { ColumnValue, Column, Row, Table } from '../columns/define-table.ts';

const fetchSize = 5_000;

/** Reads all rows without volatile columns, sorted by the bytes of the key. */
export async function* readTable(pool: Pool, table: Table): AsyncGenerator<Row, void, undefined> {
  const columns = comparedColumns(table);
  yield* inSnapshot(pool, async function* (client) {
    for await (const rows of fetchAll<unknown[]>(client, selectStatement(table, columns), 'array'))
      for (const row of rows) yield columns.map(({ type }, index) => toCell(type, row[index]));
  });
}

/** Reads in one transaction, which sees all tables as they are when it begins. */
export async function* inSnapshot<T>(
  pool: Pool,
  read: (client: PoolClient) => AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    yield* read(client);
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

/** Reads rows with a cursor, inside a transaction, so that memory does not depend on the number of rows. */
export async function* fetchAll<R extends QueryResultRow>(
  client: PoolClient,
  select: string,
  rowMode?: 'array',
): AsyncGenerator<readonly R[], void, undefined> {
  await client.query(`DECLARE rows NO SCROLL CURSOR FOR ${select}`);
  const query = { text: `FETCH ${fetchSize} FROM rows`, ...(rowMode && { rowMode }) };
  for (;;) {
    const { rows } = await client.query<R>(query);
    yield rows;
    if (rows.length < fetchSize) break;
  }
  await client.query('CLOSE rows');
}

export const comparedColumns = (table: Table): readonly Column[] =>
  table.columns.filter(({ volatile }) => volatile !== true);

function selectStatement(table: Table, columns: readonly Column[]): string {
  const key = table.columns
    .slice(0, table.keyLength)
    .map(({ name, type }) => (type === 'text' ? `"${name}" COLLATE "C"` : `"${name}"`));
  return `SELECT ${columns.map(readBack).join(', ')} FROM ${qualified(table)} ORDER BY ${key.join(', ')}`;
}

function toCell(type: Column['type'], value: unknown): ColumnValue {
  if (value === null) return null;
  return type === 'json' ? canonicalJson(value) : (value as ColumnValue);
}
