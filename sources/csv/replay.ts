/** Turns the rows of one file into readings and labels, and reports everything that is wrong. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Measurement, QualityLabel, SensorReading } from '../../schemas/generated/types.ts';
import { fillIn } from '../../base/text.ts';
import { assetPath, isKnownAsset } from '../../processes/plant.ts';
import { textFault, textLimits, withoutPadding } from '../../base/outside-text.ts';
import { paddedRemedy, type InputProblem } from '../input-problems.ts';
import { duration } from '../../base/text.ts';
import { csvRules, type Columns } from './columns.ts';
import { readLabel } from './label.ts';
import { numberReader } from './number.ts';
import { timeReader } from './time.ts';
import type { RawRow } from './rows.ts';

/** The closed list of problems in a file that do not stop its replay. */
export type CsvReason =
  | 'malformed-row'
  | 'malformed-cell'
  | 'malformed-label'
  | 'padded-text'
  /** A local time that occurs twice, and was resolved as the definition declares. */
  | 'repeated-hour'
  | 'unknown-column';

export interface CsvProblem extends InputProblem {
  readonly reason: CsvReason;
}

export interface ReplayedRow {
  readonly reading: SensorReading;
  readonly label: QualityLabel | undefined;
}

export interface FileContext {
  readonly definition: ProcessDefinition;
  readonly columns: Columns;
  readonly file: string;
  /** The cell's name. It still contains column names in braces when the file contains several cells. */
  readonly cell: string;
  readonly report: (problem: CsvProblem) => void;
}

const repeatedRemedy =
  'Nothing needs to be done. Write times in UTC, or with their offset, to end this message.';

/** The source of a file's readings is this, and the cell. */
export const sourcePrefix = 'csv:';

/** The time of the first row in files without times. */
const noTime = Date.UTC(2000, 0, 1);

/** Makes a parser for the rows of one file. It returns undefined for a row that cannot be used. */
export function createRowParser(context: FileContext): (row: RawRow) => ReplayedRow | undefined {
  const { definition, columns } = context;
  const { period, grace } = definition.time;
  const { time: timeRule, header, decimal } = csvRules(definition);
  const readTime = timeRule && timeReader(timeRule);
  const readNumber = numberReader(decimal);
  const signName = decimal === ',' ? 'comma' : 'point';
  /** By cell: the latest time so far, ms since the epoch. */
  const latest = new Map<string, number>();
  const target = definition.target.id;
  const firstLine = header === undefined ? 2 : 1;
  const cellOf = cellNamer(context);
  const report = (reason: CsvReason, line: number, what: string, remedy: string) => {
    context.report({ reason, place: `${context.file}:${line}`, what, remedy });
  };

  function measure(cells: readonly string[], line: number): Measurement[] {
    return columns.tags.map(({ id, column, place }) => {
      const text = (cells[place] ?? '').trim();
      if (text === '') return { tag: id, value: null, quality: 'GOOD' };
      const value = readNumber(text);
      if (value !== undefined) return { tag: id, value, quality: 'GOOD' };
      report(
        'malformed-cell',
        line,
        `column "${column}": "${text}" is not a number`,
        `Use a decimal ${signName}, or correct csv.decimal; leave the cell empty when there is no value.`,
      );
      return { tag: id, value: null, quality: 'BAD' };
    });
  }

  function timeOf(cells: readonly string[], line: number, cell: string): number | undefined {
    if (columns.time === undefined || readTime === undefined) return noTime + (line - firstLine) * period;
    const text = columns.time.map((place) => (cells[place] ?? '').trim()).join(' ');
    const read = readTime(text, { latest: latest.get(cell), grace });
    if (read.kind === 'malformed') {
      report('malformed-row', line, read.what, 'Correct the time, or csv.time in the process definition.');
      return undefined;
    }
    if (read.repeated !== undefined)
      report('repeated-hour', line, `"${text}" occurs twice; taken as the ${read.repeated}`, repeatedRemedy);
    return read.at;
  }

  /** How far the row is behind the latest one of its cell, in ms; 0 when it is that one. */
  function behind(eventTime: number, cell: string): number {
    const before = latest.get(cell) ?? -Infinity;
    latest.set(cell, Math.max(before, eventTime));
    return Math.max(0, before - eventTime);
  }

  return ({ cells: given, line }) => {
    const cells = given.map(withoutPadding);
    const padded = cells.filter((cell, place) => cell !== given[place]).length;
    if (padded > 0) report('padded-text', line, `${padded} cells end in NUL, which is cut`, paddedRemedy);
    if (cells.length !== columns.count) {
      const what = `${cells.length} cells where the header has ${columns.count}`;
      report('malformed-row', line, what, 'Correct the line. It may be truncated.');
      return undefined;
    }
    const cell = cellOf(cells);
    const asset = assetPath(definition, cell);
    const fault =
      columns.cell.length > 0 ? textFault(cell, textLimits.name - sourcePrefix.length) : undefined;
    if (fault !== undefined) {
      report('malformed-row', line, `the cell's name ${fault}`, 'Correct the columns that name the cell.');
      return undefined;
    }
    if (columns.cell.length > 0 && !isKnownAsset(definition, asset)) {
      const what = `the definition has no cell "${cell}"`;
      report(
        'malformed-row',
        line,
        what,
        'Name it under cells in the process definition, or say "cells: any".',
      );
      return undefined;
    }
    const eventTime = timeOf(cells, line, cell);
    if (eventTime === undefined) return undefined;
    const source = `${sourcePrefix}${cell}`;
    // The sequence is the row's number in the file, so that a second replay gives the same identity.
    const reading = {
      asset,
      eventTime,
      sequence: line - firstLine + 1,
      source,
      measurements: measure(cells, line),
    };
    const read = readLabel(definition, columns.label, cells, readNumber);
    if (read.kind === 'malformed') report('malformed-label', line, read.what, read.remedy);
    const late = behind(eventTime, cell);
    if (read.kind !== 'known') return { reading, label: undefined };
    if (late > grace) {
      // Validation rejects such a reading. Its label would judge another row, of the same time.
      const what = `its row is ${duration(late)} before the latest row of its cell, so the reading will be rejected`;
      report('malformed-label', line, what, 'Sort the rows by time, or correct csv.time.');
      return { reading, label: undefined };
    }
    const { value, defect } = read;
    const until = eventTime + period;
    const label = { asset, eventTime, until, target, value, defect, piece: {}, source, foundAt: until };
    return { reading, label };
  };
}

function cellNamer({ cell, columns }: FileContext): (cells: readonly string[]) => string {
  if (columns.cell.length === 0) return () => cell;
  return (cells) =>
    fillIn(
      cell,
      Object.fromEntries(columns.cell.map(({ name, place }) => [name, (cells[place] ?? '').trim()])),
    );
}
