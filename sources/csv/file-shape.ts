/** Looks at a CSV file and guesses its form: delimiter, decimal sign, what each column contains. Only drafts guess. */
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { compileTimePattern } from '../../processes/time-pattern.ts';

export interface FileShape {
  readonly delimiter: string;
  readonly decimal: '.' | ',';
  readonly rows: number;
  readonly columns: readonly ColumnShape[];
}

export interface ColumnShape {
  readonly name: string;
  /** Present where all values are times in one form. */
  readonly time?: TimeShape;
  /** Present where most values are numbers. */
  readonly numbers?: NumberShape;
}

interface TimeShape {
  readonly format: string;
  /** Other forms that all values have too. */
  readonly alternatives: readonly string[];
  /** The median interval, ms. */
  readonly period: number;
}

interface NumberShape {
  readonly low: number;
  readonly high: number;
  /** The middle 90 %. */
  readonly usualLow: number;
  readonly usualHigh: number;
  readonly isBinary: boolean;
}

const delimiters = [',', ';', '\t', '|'];
const table = z.array(z.array(z.string()));

export function fileShapeOf(text: string): FileShape {
  const delimiter = delimiterOf(text);
  const [header = [], ...rows] = table.parse(
    parse(text, {
      delimiter,
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    }),
  );
  const values = header.map((_, column) => rows.map((row) => (row[column] ?? '').trim()));
  const isComma = delimiter !== ',' && values.flat().some((value) => /^-?\d+,\d+$/.test(value));
  const decimal = isComma ? ',' : '.';
  const columns = header.map((name, column): ColumnShape => {
    const own = values[column] ?? [];
    const time = timeShape(own, name);
    const numbers = time === undefined ? numberShape(own, decimal) : undefined;
    return { name: name.trim(), ...(time && { time }), ...(numbers && { numbers }) };
  });
  return { delimiter, decimal, rows: rows.length, columns };
}

/** The one that splits the first lines into the most columns, each line into the same number. */
function delimiterOf(text: string): string {
  const lines = text.split(/\r?\n/, 20).filter((line) => line !== '');
  const counts = delimiters.map((delimiter) => {
    const all = lines.map((line) => line.split(delimiter).length);
    return all.every((count) => count === all[0]) ? (all[0] ?? 0) : 0;
  });
  const most = Math.max(...counts);
  return (most > 1 ? delimiters[counts.indexOf(most)] : undefined) ?? ',';
}

/** Forms of time in the order in which they are proposed; each gives ms. */
const forms: readonly {
  readonly format: string;
  readonly read: (text: string, name: string) => number | undefined;
}[] = [
  {
    format: 'iso',
    read: (text) => (/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/i.test(text) ? Date.parse(text) : undefined),
  },
  { format: 'datetime', read: patternReader('yyyy-MM-dd HH:mm:ss[.S]') },
  ...[
    ...["yyyy-MM-dd'T'HH:mm:ss[.S]", 'dd.MM.yyyy HH:mm:ss', 'dd.MM.yyyy HH:mm', 'd.M.yyyy H:mm:ss'],
    ...['dd/MM/yyyy HH:mm:ss', 'MM/dd/yyyy HH:mm:ss', 'yyyy/MM/dd HH:mm:ss', 'yyyy-MM-dd HH:mm'],
  ].map((format) => ({ format, read: patternReader(format) })),
  { format: 'epoch-ms', read: epochReader(1e12, 4e12, 1) },
  { format: 'epoch-s', read: epochReader(1e9, 4e9, 1_000) },
];

function patternReader(pattern: string): (text: string) => number | undefined {
  const compiled = compileTimePattern(pattern);
  return (text) => ('read' in compiled ? compiled.read(text)?.wall : undefined);
}

/** Numbers count as times only in a column whose name says so. */
function epochReader(low: number, high: number, unit: number) {
  return (text: string, name: string): number | undefined => {
    const value = Number(text);
    const isNamed = /time|date|zeit|stamp|epoch/i.test(name);
    return isNamed && text !== '' && value >= low && value < high ? value * unit : undefined;
  };
}

function timeShape(values: readonly string[], name: string): TimeShape | undefined {
  const fitting = forms.flatMap(({ format, read }) => {
    const times = values.map((value) => read(value, name) ?? Number.NaN);
    return values.length > 1 && times.every((time) => !Number.isNaN(time))
      ? [{ format, period: periodOf(times) }]
      : [];
  });
  const [first, ...others] = fitting.filter(({ period }) => period > 0);
  return first && { ...first, alternatives: others.map(({ format }) => format) };
}

function periodOf(times: readonly number[]): number {
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return quantile(
    steps.toSorted((a, b) => a - b),
    0.5,
  );
}

function numberShape(values: readonly string[], decimal: '.' | ','): NumberShape | undefined {
  const numbers = values
    .filter((value) => value !== '')
    .map((value) => Number(decimal === ',' ? value.replace(',', '.') : value))
    .filter((value) => Number.isFinite(value))
    .sort((a, b) => a - b);
  if (numbers.length === 0 || numbers.length < values.length / 2) return undefined;
  return {
    low: quantile(numbers, 0),
    high: quantile(numbers, 1),
    usualLow: quantile(numbers, 0.05),
    usualHigh: quantile(numbers, 0.95),
    isBinary: numbers.every((value) => value === 0 || value === 1),
  };
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
