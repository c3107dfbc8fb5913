/** Writes rows to one table. Existing rows are not changed, and not counted as stored. */
import { finished } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { columnList, qualified } from '../sql.ts';
import type { Row, Table } from '../columns/define-table.ts';
import { statementTimeout } from '../database-connection.ts';
import { arrayLiteral, arrayType, copyText } from './encode.ts';

/**
 * `copy` is faster, but fails entirely when any row exists already. `insert` skips existing rows.
 * (PGlite, which the tests use for TimescaleDB, has no COPY over its socket.)
 */
export type Load = 'copy' | 'insert';

/**
 * @param text the result of `copyText`, if it has been computed already
 * @returns the number of rows that were stored
 */
export function loadRows(
  client: ClientBase,
  table: Table,
  rows: readonly Row[],
  load: Load,
  text?: string,
): Promise<number> {
  if (load === 'insert') return insertRows(client, table, rows);
  return copyRows(client, table, text ?? copyText(table.columns, rows));
}

async function copyRows(client: ClientBase, table: Table, text: string): Promise<number> {
  const copy = client.query(copyFrom(`COPY ${qualified(table)} (${columnList(table.columns)}) FROM STDIN`));
  copy.end(text);
  // The pool's time limit covers only queries. This one covers COPY.
  await finished(copy, { signal: AbortSignal.timeout(statementTimeout) });
  return copy.rowCount;
}

const statements = new Map<string, string>();

async function insertRows(client: ClientBase, table: Table, rows: readonly Row[]): Promise<number> {
  let text = statements.get(table.name);
  if (text === undefined) statements.set(table.name, (text = insertStatement(table)));
  const values = table.columns.map(({ type }, index) => arrayLiteral(type, index, rows));
  // Not a named statement, because poolers such as PgBouncer share a connection among clients.
  const result = await client.query(text, values);
  return result.rowCount ?? 0;
}

function insertStatement(table: Table): string {
  const cells = table.columns.map(({ name, type }) =>
    type === 'doubles' ? `"${name}"::double precision[]` : `"${name}"`,
  );
  const arrays = table.columns.map(({ type }, index) => `$${index + 1}::${arrayType(type)}`);
  const columns = columnList(table.columns);
  return (
    `INSERT INTO ${qualified(table)} (${columns}) SELECT ${cells.join(', ')} ` +
    `FROM unnest(${arrays.join(', ')}) AS batch (${columns}) ON CONFLICT DO NOTHING`
  );
}
