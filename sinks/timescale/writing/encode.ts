/** Writes cells in the forms that PostgreSQL reads: lines for `COPY … FROM STDIN`, and array literals for `unnest`. */
import type { ColumnValue, Column, ColumnType, Row } from '../columns/define-table.ts';

/** The type of a column's array for `unnest`. Nested arrays would be flattened, so `doubles` are written as text. */
const arrayTypes: Readonly<Record<ColumnType, string>> = {
  text: 'text[]',
  double: 'double precision[]',
  integer: 'integer[]',
  bigint: 'bigint[]',
  boolean: 'boolean[]',
  time: 'timestamptz[]',
  json: 'jsonb[]',
  doubles: 'text[]',
};

export const arrayType = (type: ColumnType): string => arrayTypes[type];

/** Writes one line per row, with tabs between cells. A cell that equals the one in the row before is not encoded again. */
export function copyText(columns: readonly Column[], rows: readonly Row[]): string {
  const texts: string[] = [];
  let text = '';
  let before: Row | undefined;
  for (const row of rows) {
    for (let i = 0; i < columns.length; i++) {
      const cell = row[i] ?? null;
      if (before === undefined || cell !== before[i]) texts[i] = copyCell(columns[i]?.type ?? 'text', cell);
      if (i > 0) text += '\t';
      text += texts[i] ?? '';
    }
    text += '\n';
    before = row;
  }
  return text;
}

function copyCell(type: ColumnType, cell: ColumnValue): string {
  if (cell === null) return '\\N';
  if (type === 'text' || type === 'json') return escapeCopy(String(cell));
  return plain(type, cell);
}

/** Writes one column of the rows as an array literal. */
export function arrayLiteral(type: ColumnType, index: number, rows: readonly Row[]): string {
  const quoted = type === 'text' || type === 'json' || type === 'doubles' || type === 'time';
  let text = '{';
  let separator = '';
  for (const row of rows) {
    const cell = row[index] ?? null;
    text += separator;
    if (cell === null) text += 'NULL';
    else text += quoted ? `"${escapeArray(plain(type, cell))}"` : plain(type, cell);
    separator = ',';
  }
  return `${text}}`;
}

function plain(type: ColumnType, cell: string | number | boolean | readonly number[]): string {
  if (type === 'time') return timestampText(Number(cell));
  if (typeof cell === 'object') return `{${cell.join(',')}}`;
  return String(cell);
}

let lastTime = Number.NaN;
let lastText = '';

/**
 * Writes a time in the form of `timestamptz`, for all times of a `Date`. PostgreSQL refuses years below −4712.
 * @throws RangeError beyond ±8.64e15 ms
 */
export function timestampText(ms: number): string {
  // All rows of a reading have the same time.
  if (ms === lastTime) return lastText;
  const date = new Date(ms);
  const iso = date.toISOString();
  const year = date.getUTCFullYear();
  const rest = iso.slice(iso.indexOf('-', 1));
  lastText =
    year > 0 ? `${String(year).padStart(4, '0')}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`;
  lastTime = ms;
  return lastText;
}

// Most text needs no escape, so test before replacing.
const copySpecial = /[\\\n\r\t]/;
const copyEscapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const escapeCopy = (text: string): string =>
  copySpecial.test(text) ? text.replace(/[\\\n\r\t]/g, (special) => copyEscapes[special] ?? special) : text;

const arraySpecial = /["\\]/;
const escapeArray = (text: string): string =>
  arraySpecial.test(text) ? text.replace(/["\\]/g, (special) => `\\${special}`) : text;
