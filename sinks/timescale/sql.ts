/** Names, types and expressions of tables and columns in SQL. */
import type { Column, ColumnType, Table } from './columns/define-table.ts';

export const schema = 'castwatch';

/** The SQL type of each column type. */
export const sqlTypes: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  double: 'double precision',
  integer: 'integer',
  bigint: 'bigint',
  boolean: 'boolean',
  time: 'timestamp with time zone',
  json: 'jsonb',
  doubles: 'double precision[]',
};

/** `castwatch."predictions"` */
export const qualified = (table: Table): string => `${schema}."${table.name}"`;

/** `"asset", "event_time", …` */
export const columnList = (columns: readonly Column[]): string =>
  columns.map(({ name }) => `"${name}"`).join(', ');

/** SQL that reads a time as ms since the epoch. @param time an SQL expression */
export const milliseconds = (time: string): string =>
  `(extract(epoch FROM ${time}) * 1000)::double precision`;

/** SQL that reads a column in the form of records: a time as ms since the epoch, a bigint as a number. */
export function readBack({ name, type }: Column): string {
  if (type === 'time') return milliseconds(`"${name}"`);
  return type === 'bigint' ? `"${name}"::double precision` : `"${name}"`;
}
