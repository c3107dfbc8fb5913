/**
 * The form in which tables are stated: one entry for each column, with its name, its type and how to read it from the
 * record. The rows, the COPY text, the types of rows read back, docs/generated/tables.md and the check of the migrated
 * database follow from these entries.
 */
import { canonicalJson } from './canonical-json.ts';
import { storableText } from './storable-text.ts';

/** What a column holds in memory, by its type. */
export interface CellValues {
  text: string;
  /** May be NaN or infinite. */
  double: number;
  /** An integer within ±2^31. */
  integer: number;
  /** An integer within ±2^53. */
  bigint: number;
  boolean: boolean;
  /** ms since the epoch */
  time: number;
  json: object;
  doubles: readonly number[];
}
export type ColumnType = keyof CellValues;

/**
 * A value in its canonical form. Two rows are equal when their cells are: the mapping of a record gives this form, and so
 * does reading a row back. JSON is text with sorted keys, see `canonicalJson`.
 */
export type ColumnValue = string | number | boolean | null | readonly number[];
export type Row = readonly ColumnValue[];

/** Optional facts about a column, for people and for comparisons. */
export interface Notes {
  readonly unit?: string;
  /** What the column contains. Default: the doc of the field in the topic's schema. */
  readonly comment?: string;
  /** True when the value differs from run to run, so that comparisons leave the column out. */
  readonly volatile?: true;
}

export interface Column extends Notes {
  readonly name: string;
  readonly type: ColumnType;
  readonly inKey: boolean;
  readonly nullable: boolean;
}

/**
 * @param part what one row is about; the record itself where a record is one row
 * @param ordinal of the part among the record's parts, from 0
 * @param publishedAt the Kafka record's timestamp, ms since the epoch
 */
type Read<Record, Part, Value> = (record: Record, part: Part, ordinal: number, publishedAt: number) => Value;

interface ReadColumn<Name extends string, Value, Record = never, Part = never> extends Column {
  readonly name: Name;
  readonly read: Read<Record, Part, Value>;
}

export interface Table {
  /** The name without the database schema. */
  readonly name: string;
  /** What a row is, as a sentence. */
  readonly about: string;
  /** The primary key's columns first. Columns that the database fills (`stored_at`) are not listed. */
  readonly columns: readonly Column[];
  /** Number of columns in the primary key. */
  readonly keyLength: number;
}

/** A table whose rows are made of records. */
export interface RecordTable<Record> extends Table {
  /** @param publishedAt the Kafka record's timestamp, ms since the epoch */
  rows(record: Record, publishedAt: number): readonly Row[];
}

interface TypedTable<Record, Columns extends readonly Column[]> extends RecordTable<Record> {
  readonly columns: Columns;
}

/** `event_time` → `eventTime` */
type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** A row as it is read back: a property for each column, named as the record's field. */
export type RowOf<T extends Table> = {
  readonly [C in T['columns'][number] as CamelCase<C['name']>]: C extends ReadColumn<string, infer Value>
    ? Value
    : never;
};

/** `event_time` → `eventTime`, as in {@link RowOf} */
export const propertyOf = ({ name }: Column): string =>
  name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** Returns a column's function from record to row. JSON is put into the row as text. Every text can be stored. */
function cellReader<Record, Part>(
  column: ReadColumn<string, CellValues[ColumnType] | null, Record, Part>,
): Read<Record, Part, ColumnValue> {
  const { type, read } = column;
  if (type === 'text') return (...of) => storable(read(...of));
  // `CellValues` lets no other column have an object.
  if (type !== 'json') return read as Read<Record, Part, ColumnValue>;
  return (...of) => {
    const value = read(...of);
    return value === null ? null : canonicalJson(value);
  };
}

const storable = (text: CellValues[ColumnType] | null): ColumnValue =>
  typeof text === 'string' ? storableText(text) : null;

const always =
  <Record, Part>(inKey: boolean) =>
  <Name extends string, Type extends ColumnType, Value extends CellValues[Type]>(
    name: Name,
    type: Type,
    read: Read<Record, Part, Value>,
    notes?: Notes,
  ): ReadColumn<Name, Value, Record, Part> => ({ name, type, read, inKey, nullable: false, ...notes });

/** The builder for tables with one row for each record. */
export const rowPerRecord = <Record>() => rowPerPart((record: Record): readonly Record[] => [record]);

/** The builder for tables with several rows for each record. @param partsOf returns the parts that become rows, in order */
export const rowPerPart = <Record, Part>(partsOf: (record: Record) => readonly Part[]) => ({
  /** A column of the primary key. */
  key: always<Record, Part>(true),

  /** A column that always has a value. */
  column: always<Record, Part>(false),

  /** A column that may be null. */
  optional: <Name extends string, Type extends ColumnType, Value extends CellValues[Type] | null>(
    name: Name,
    type: Type,
    read: Read<Record, Part, Value>,
    notes?: Notes,
  ): ReadColumn<Name, Value | null, Record, Part> => ({
    ...{ name, type, read, inKey: false, nullable: true },
    ...notes,
  }),

  table: <const Columns extends readonly ReadColumn<string, CellValues[ColumnType] | null, Record, Part>[]>(
    name: string,
    about: string,
    columns: Columns,
  ): TypedTable<Record, Columns> => {
    const cells = columns.map(cellReader);
    const rowOf = (record: Record, part: Part, ordinal: number, publishedAt: number): Row => {
      const row: ColumnValue[] = [];
      for (const cell of cells) row.push(cell(record, part, ordinal, publishedAt));
      return row;
    };
    return {
      ...{ name, about, columns },
      keyLength: columns.filter(({ inKey }) => inKey).length,
      rows: (record, publishedAt) =>
        partsOf(record).map((part, ordinal) => rowOf(record, part, ordinal, publishedAt)),
    };
  },
});

/** The column `published_at`, for tables whose latency is measured. */
export const publishedAt = rowPerRecord<unknown>().column(
  'published_at',
  'time',
  (_record, _part, _ordinal, publishedAt) => publishedAt,
  { volatile: true, comment: 'The timestamp of the Kafka record.' },
);
