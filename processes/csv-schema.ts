/** The section `csv` of a process definition: the form of history files. Nothing about it is guessed. */
import { z } from 'zod';

export const encodings = [
  ...['utf-8', 'utf-16le'],
  ...['windows-1250', 'windows-1251', 'windows-1252', 'windows-1253', 'windows-1254', 'windows-1257'],
  ...['iso-8859-1', 'iso-8859-2', 'iso-8859-15', 'shift_jis', 'gb18030'],
] as const;
export type Encoding = (typeof encodings)[number];

const time = z.strictObject({
  /** The column; or two columns, with the date and the time of day. These are joined with a blank. */
  column: z.union([z.string().min(1), z.tuple([z.string().min(1), z.string().min(1)])]),
  /**
   * `iso`: ISO 8601 with an offset from UTC.
   * `datetime`: `YYYY-MM-DD HH:MM:SS[.sss]`, in `zone`; without it, in UTC.
   * `epoch-s`, `-ms`, `-us`, `-100ns`, `-ns`: a number since `epoch`. `epoch-days`: days of spreadsheets, in `zone`.
   * Otherwise a pattern such as `dd.MM.yyyy HH:mm:ss`, in `zone`; the letters are in time-pattern.ts.
   */
  format: z.string().min(1),
  /** A name of the IANA time zone database, such as Europe/Berlin or UTC. */
  zone: z.string().min(1).optional(),
  /**
   * What a time means that clocks show twice, when they are put back. `refuse`: the row is malformed. `in-order`: the first
   * time, until the rows of the cell go back by more than `time.grace`; then the second. `earlier`, `later`: always that one.
   */
  repeatedHour: z.enum(['refuse', 'in-order', 'earlier', 'later']).default('refuse'),
  /** The year in which the numbers of the epoch formats begin: 1970 (Unix), 1904, 1900 (spreadsheets) or 1601 (Windows). */
  epoch: z.literal([1970, 1904, 1900, 1601]).default(1970),
});
export type CsvTime = z.output<typeof time>;

export const csvSection = z.strictObject({
  delimiter: z.string().length(1).default(','),
  encoding: z.enum(encodings).default('utf-8'),
  /** The decimal sign of numbers. Signs between thousands are not read. */
  decimal: z.enum(['.', ',']).default('.'),
  /** Names of the columns, for files whose first line is data. Default: the first line names the columns. */
  header: z.array(z.string().min(1)).min(1).optional(),
  /** Left out if rows have no time (`target.about: row`): they are then placed one period apart. */
  time: time.optional(),
  /**
   * Pattern for the name of the cell. `{folder}` and `{file}` are the last two parts of the path without the ending. Any
   * other name in braces is a column, for files with several cells.
   */
  cell: z.string().min(1),
  /**
   * The column with the label of the target, for training and evaluation: 0 or 1, or the name of a class. A list names a
   * column for each class, with the name of the class; in each row one of them is 1.
   */
  label: z.union([z.string(), z.array(z.string()).min(2)]).optional(),
  /** Columns to skip. Other unknown columns are reported. */
  ignore: z.array(z.string()).default([]),
});
