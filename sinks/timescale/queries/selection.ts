/** Makes SELECT lists and result types from the columns of a table, so that no query states a row again. */
import type { Pool, QueryResultRow } from 'pg';
import { milliseconds, readBack } from '../sql.ts';
import { propertyOf, type Column, type RowOf, type Table } from '../columns/define-table.ts';

/** The columns of a table that a query reads, each under the name of the record's field. */
export interface Selection<Row> {
  readonly table: Table;
  /** The columns that a row holds. */
  readonly columns: readonly Column[];
  /** Makes the query. @param rest the text from FROM on; it may read a view or subquery with the table's columns */
  sql(rest: string): string;
  ask(pool: Pool, rest: string, values: unknown[]): Promise<Row[]>;
}

export type SelectedRow<S> = S extends Selection<infer Row> ? Row : never;

/** Selects all columns of a table. @param without properties to leave out */
export function selection<T extends Table, Left extends keyof RowOf<T> = never>(
  table: T,
  without: readonly Left[] = [],
): Selection<Omit<RowOf<T>, Left>> {
  const columns = table.columns.filter(
    (column) => !without.some((property) => property === propertyOf(column)),
  );
  const list = columns.map((column) => `${readBack(column)} AS "${propertyOf(column)}"`).join(', ');
  const sql = (rest: string): string => `SELECT ${list} ${rest}`;
  return {
    table,
    columns,
    sql,
    ask: async (pool, rest, values) =>
      (await pool.query<Omit<RowOf<T>, Left> & QueryResultRow>(sql(rest), values)).rows,
  };
}

/** A span of time, ms since the epoch. */
export interface TimeSpan {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** SQL for a time in ms since the epoch. @param parameter the parameter, such as `$1` */
export const timeOf = (parameter: string): string => `to_timestamp(${parameter}::double precision / 1000)`;

/** SQL that reads a time under the name of a property. */
export const timeAs = (time: string, property: string): string => `${milliseconds(time)} AS "${property}"`;
