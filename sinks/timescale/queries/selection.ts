/** SELECT lists and result types from the column lines of a table, so that no query states a row again. */
import type { Pool, QueryResultRow } from 'pg';
import { milliseconds, readBack } from '../sql.ts';
import { propertyOf, type RowOf, type Table } from '../tables/columns.ts';

/** The columns of a table that a query asks for, each under the name of the record's field. */
export interface Selection<Row> {
  /** @param rest from FROM on; it may give the columns of the table from anywhere, such as a view */
  sql(rest: string): string;
  ask(pool: Pool, rest: string, values: unknown[]): Promise<Row[]>;
}

export type SelectedRow<S> = S extends Selection<infer Row> ? Row : never;

/** @param without properties that are of no use to the asker */
export function selection<T extends Table, Left extends keyof RowOf<T> = never>(
  table: T,
  without: readonly Left[] = [],
): Selection<Omit<RowOf<T>, Left>> {
  const list = table.columns
    .filter((column) => !without.some((property) => property === propertyOf(column)))
    .map((column) => `${readBack(column)} AS "${propertyOf(column)}"`)
    .join(', ');
  const sql = (rest: string): string => `SELECT ${list} ${rest}`;
  return {
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

/** SQL for a time that is given as ms since the epoch. @param parameter such as `$1` */
export const timeOf = (parameter: string): string => `to_timestamp(${parameter}::double precision / 1000)`;

/** SQL that reads a time under the name of a property. */
export const timeAs = (time: string, property: string): string => `${milliseconds(time)} AS "${property}"`;
