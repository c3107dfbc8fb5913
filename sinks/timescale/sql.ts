/** Tables and columns as SQL names, writes and reads them. */
import type { Column, ColumnType, Table } from './tables/columns.ts';

export const schema = 'castwatch';

/** Each type of column, as the database calls it. */
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

/** SQL that reads a time as ms since the epoch. @param time an expression */
export const milliseconds = (time: string): string =>
  `(extract(epoch FROM ${time}) * 1000)::double precision`;

/** SQL that reads a column as a record has it: a time as ms since the epoch, a whole number as a number. */
export function readBack({ name, type }: Column): string {
  if (type === 'time') return milliseconds(`"${name}"`);
  return type === 'bigint' ? `"${name}"::double precision` : `"${name}"`;
}
