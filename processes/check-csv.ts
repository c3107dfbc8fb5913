/** The checks of the section `csv`: its forms of time and numbers must be complete and fit each other. */
import type { ProcessDefinition } from './schema.ts';
import type { CsvTime } from './csv-schema.ts';
import { didYouMean, type DefinitionProblem } from './definition-problem.ts';
import { compileTimePattern } from './time-pattern.ts';

type Report = (path: DefinitionProblem['path'], message: string) => void;
type Csv = NonNullable<ProcessDefinition['csv']>;

/** The number formats, and the pattern words that are shorter than a pattern. */
export const numberFormats = ['epoch-s', 'epoch-ms', 'epoch-us', 'epoch-100ns', 'epoch-ns', 'epoch-days'];
const namedFormats = ['iso', 'datetime', ...numberFormats];

export function checkCsvForms({ time, decimal, delimiter }: Csv, report: Report): void {
  if (decimal === delimiter)
    report(['csv', 'decimal'], `"${decimal}" is the delimiter too; name the files' own: delimiter: ';'`);
  if (time !== undefined) checkTime(time, report);
}

function checkTime(time: CsvTime, report: Report): void {
  const { format, zone, repeatedHour, epoch } = time;
  const isLocal = localForm(time, report);
  if (zone !== undefined && !isZone(zone))
    report(['csv', 'time', 'zone'], `there is no time zone ${zone}; use a name such as Europe/Berlin or UTC`);
  if (isLocal === true && zone === undefined && format !== 'datetime')
    report(
      ['csv', 'time'],
      `the format ${format} does not contain an offset from UTC: add zone, such as Europe/Berlin or UTC`,
    );
  if (isLocal === false && zone !== undefined)
    report(['csv', 'time', 'zone'], `times in the format ${format} contain their zone: remove this one`);
  if (repeatedHour !== 'refuse' && (isLocal === false || zone === undefined))
    report(['csv', 'time', 'repeatedHour'], 'only times in a zone that puts its clocks back can be repeated');
  if (epoch !== 1970 && !numberFormats.includes(format))
    report(['csv', 'time', 'epoch'], `only numbers have an epoch: ${numberFormats.join(', ')}`);
}

/** Whether times need a zone; undefined when the format is wrong. */
function localForm({ format }: CsvTime, report: Report): boolean | undefined {
  if (format === 'datetime' || format === 'epoch-days') return true;
  if (namedFormats.includes(format)) return false;
  const pattern = compileTimePattern(format);
  if ('read' in pattern) return !pattern.hasOffset;
  const hint = didYouMean(format, namedFormats);
  const why = hint === '' ? `: ${pattern.wrong}` : hint;
  const known = `${namedFormats.join(', ')}, nor a pattern such as dd.MM.yyyy HH:mm:ss`;
  report(['csv', 'time', 'format'], `"${format}" is none of ${known}${why}`);
  return undefined;
}

/** An offset is not a zone: it is wrong for half of the year. */
function isZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
