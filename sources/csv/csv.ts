/**
 * Replays files in parallel. Each file is one cell and starts at its own beginning. Rows are interleaved by their time since
 * that beginning. So an asset's order is its file's order, assets run in parallel, and a replay at a given speed keeps the
 * intervals. The time of publication is the row's own time.
 */
import { textFault, textLimits } from '../../base/outside-text.ts';
import { assetPath, isKnownAsset } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { CastwatchError } from '../../base/errors.ts';
import { ProblemCounter, type InputProblem } from '../input-problems.ts';
import type { Replayable, SourceRecord } from '../source.ts';
import { cellColumns, csvRules, planColumns, type Columns } from './columns.ts';
import { findFiles, type CsvFile } from './files.ts';
import { createRowParser, sourcePrefix, type CsvProblem, type ReplayedRow } from './replay.ts';
import { RowReader } from './rows.ts';

export interface CsvOptions {
  readonly definition: ProcessDefinition;
  /** Paths or patterns of Node's `fs.glob`. */
  readonly files: readonly string[];
  /** Called with the first problems of each reason; `malformed()` counts all of them. */
  readonly onProblem?: (problem: InputProblem) => void;
}

export interface CsvSource extends Replayable {
  readonly files: readonly CsvFile[];
}

const batchSize = 512;
/** The most files that are open at once. Each further file starts when one has ended. */
const openFiles = 64;

/** @throws CastwatchError INPUT or DEFINITION before anything is replayed, when the files do not fit the definition */
export async function createCsvSource(options: CsvOptions): Promise<CsvSource> {
  const { definition } = options;
  const rules = csvRules(definition);
  const files = await findFiles(options.files, rules.cell);
  const plans = new Map<CsvFile, Columns>();
  for (const file of files) {
    const fault = textFault(file.cell, textLimits.name - sourcePrefix.length);
    if (fault !== undefined)
      throw new CastwatchError('INPUT', `${file.path}: the cell's name ${fault}`, {
        remedy: 'Rename the file or its folder, or change csv.cell in the process definition.',
      });
    // Cells that are named in rows are checked row by row.
    const named = cellColumns(rules.cell).length === 0;
    if (named && !isKnownAsset(definition, assetPath(definition, file.cell)))
      throw new CastwatchError('INPUT', `${file.path}: the definition has no cell "${file.cell}"`, {
        remedy: 'Name it under cells in the process definition, or say "cells: any".',
      });
    plans.set(file, await readHeader(definition, file));
  }
  if (rules.label !== undefined && [...plans.values()].every(({ label }) => label === undefined))
    throw new CastwatchError(
      'INPUT',
      `none of the ${files.length} files has the label column "${[rules.label].flat().join('", "')}"`,
      {
        remedy: 'Correct csv.label in the process definition, or leave it out.',
      },
    );

  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const problems = new ProblemCounter(options.onProblem);
  let handedOut = 0;
  let bytesDone = 0;
  let last: number | undefined;
  let open: Replay[] = [];

  const report = (problem: CsvProblem): void => {
    problems.report(problem);
  };

  async function* run(): AsyncGenerator<readonly SourceRecord[]> {
    problems.clear();
    handedOut = bytesDone = 0;
    last = undefined;
    const waiting = [...plans];
    const playing: Replay[] = (open = []);
    let due = 0;
    let batch: SourceRecord[] = [];
    try {
      for (;;) {
        while (playing.length < openFiles) {
          const next = waiting.shift();
          if (next === undefined) break;
          const replay = new Replay(definition, ...next, due, report);
          if (await replay.advance()) playing.push(replay);
        }
        const first = earliest(playing);
        if (first === undefined) break;
        due = first.due;
        last = first.append(batch);
        if (!first.advanceAtOnce() && !(await first.advance())) {
          playing.splice(playing.indexOf(first), 1);
          bytesDone += first.file.bytes;
        }
        if (batch.length < batchSize) continue;
        handedOut += batch.length;
        yield batch;
        batch = [];
      }
      handedOut += batch.length;
      if (batch.length > 0) yield batch;
    } finally {
      for (const replay of playing) replay.close();
    }
  }

  return {
    kind: 'replayable',
    name: `csv:${definition.process}`,
    files,
    [Symbol.asyncIterator]: run,
    progress: () => {
      const bytes = open.reduce((sum, replay) => sum + replay.bytesRead, bytesDone);
      return { records: handedOut, share: total === 0 ? 1 : Math.min(1, bytes / total), timestamp: last };
    },
    counts: () => problems.counts(),
    malformed: () => problems.malformed(),
  };
}

async function readHeader(definition: ProcessDefinition, file: CsvFile): Promise<Columns> {
  const { header: given, delimiter, encoding } = csvRules(definition);
  if (given !== undefined) return planColumns(definition, file.path, given);
  const skipped: { line: number; what: string }[] = [];
  const onSkipped = (line: number, what: string): void => {
    skipped.push({ line, what });
  };
  const reader = new RowReader({ path: file.path, delimiter, encoding, onSkipped });
  try {
    const [header] = await reader.next();
    const [first] = skipped;
    if (first !== undefined && first.line < (header?.line ?? Infinity))
      throw new CastwatchError(
        'INPUT',
        `${file.path}:${first.line} should name the columns, but ${first.what}`,
        {
          remedy: 'Correct the line, or csv.encoding in the process definition.',
        },
      );
    if (header === undefined)
      throw new CastwatchError('INPUT', `${file.path} is empty`, {
        remedy: 'The first line must name the columns.',
      });
    return planColumns(definition, file.path, header.cells);
  } finally {
    reader.close();
  }
}

function earliest(replays: readonly Replay[]): Replay | undefined {
  let first: Replay | undefined;
  for (const replay of replays) if (first === undefined || replay.due < first.due) first = replay;
  return first;
}

/** The replay of one file: its next usable row, and when that is due. */
class Replay {
  readonly file: CsvFile;
  due: number;
  readonly #reader: RowReader;
  readonly #parse: ReturnType<typeof createRowParser>;
  readonly #begin: number;
  #rows: Awaited<ReturnType<RowReader['next']>> = [];
  #place = 0;
  #headerSeen = false;
  #row: ReplayedRow | undefined;
  #firstTime: number | undefined;

  constructor(
    definition: ProcessDefinition,
    file: CsvFile,
    columns: Columns,
    begin: number,
    report: (problem: CsvProblem) => void,
  ) {
    this.file = file;
    this.due = this.#begin = begin;
    const { header, delimiter, encoding } = csvRules(definition);
    this.#headerSeen = header !== undefined;
    this.#reader = new RowReader({
      ...{ path: file.path, delimiter, encoding },
      onSkipped(line, what, remedy) {
        report({ reason: 'malformed-row', place: `${file.path}:${line}`, what, remedy });
      },
    });
    this.#parse = createRowParser({ definition, columns, file: file.path, cell: file.cell, report });
    for (const column of columns.unknown)
      report({
        reason: 'unknown-column',
        place: `${file.path}:1`,
        what: `column "${column}" is not read`,
        remedy: 'Make it a tag, or list it under csv.ignore in the process definition.',
      });
  }

  get bytesRead(): number {
    return this.#reader.bytesRead;
  }

  /** Adds the current row to the batch. @returns its time */
  append(batch: SourceRecord[]): number | undefined {
    if (this.#row === undefined) return undefined;
    const { reading, label } = this.#row;
    const timestamp = reading.eventTime;
    batch.push({ topic: 'sensorReadings', value: reading, timestamp, due: this.due });
    if (label !== undefined) batch.push({ topic: 'qualityLabels', value: label, timestamp, due: this.due });
    return timestamp;
  }

  /** True for the first row only. */
  #isHeader(): boolean {
    const header = !this.#headerSeen;
    this.#headerSeen = true;
    return header;
  }

  /** Moves to the next usable row that has been read already; false when there is none. */
  advanceAtOnce(): boolean {
    while (this.#place < this.#rows.length) {
      const raw = this.#rows[this.#place++];
      if (raw === undefined || this.#isHeader()) continue;
      const row = this.#parse(raw);
      if (row === undefined) continue;
      this.#firstTime ??= row.reading.eventTime;
      this.#row = row;
      // A row with an earlier time than the row before is due at once.
      this.due = Math.max(this.due, this.#begin + row.reading.eventTime - this.#firstTime);
      return true;
    }
    return false;
  }

  /** Moves to the next usable row; false at the end of the file. */
  async advance(): Promise<boolean> {
    for (;;) {
      if (this.advanceAtOnce()) return true;
      this.#rows = await this.#reader.next();
      this.#place = 0;
      if (this.#rows.length > 0) continue;
      this.close();
      return false;
    }
  }

  close(): void {
    this.#reader.close();
  }
}
