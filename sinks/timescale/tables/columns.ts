/**
 * Cells, columns and tables: how a record lies in the database. A cell has one canonical form, which is what
 * mapping gives, what is written, and what reading back gives again, so that two rows are equal when their
 * cells are.
 */

/** What a cell holds, by column type: */
export type ColumnType =
  /** string */
  | 'text'
  /** number; NaN and infinities are values */
  | 'double'
  /** number, whole, within ±2^53 */
  | 'integer'
  | 'boolean'
  /** number, ms since the epoch */
  | 'time'
  /** string: JSON with its keys sorted, see `canonicalJson` */
  | 'json'
  /** numbers */
  | 'doubles';

export type Cell = string | number | boolean | null | readonly number[];
export type Row = readonly Cell[];

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Differs from run to run (when it was published), so it is left out of comparisons. */
  readonly volatile?: true;
}

export const column = (name: string, type: ColumnType): Column => ({ name, type });
export const publishedAtColumn: Column = { name: 'published_at', type: 'time', volatile: true };

export interface Table {
  /** Without the schema. */
  readonly name: string;
  /** The primary key's columns first. Columns that the database fills (`stored_at`) are not listed. */
  readonly columns: readonly Column[];
  /** How many columns make the primary key. */
  readonly keyLength: number;
}

export const schema = 'castwatch';

/** `castwatch."predictions"` */
export const qualified = (table: Table): string => `${schema}."${table.name}"`;

/** SQL that reads a time as ms since the epoch. @param time an expression */
export const milliseconds = (time: string): string =>
  `(extract(epoch FROM ${time}) * 1000)::double precision`;

/** `"asset", "event_time", …` */
export const columnList = (columns: readonly Column[]): string =>
  columns.map(({ name }) => `"${name}"`).join(', ');

/**
 * JSON with sorted keys, as jsonb keeps no order. What JSON cannot say (NaN, infinities) becomes null; the Avro
 * record on the topic keeps it.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isPlainObject(part) ? Object.fromEntries(Object.entries(part).sort(byName)) : part,
  );
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);
