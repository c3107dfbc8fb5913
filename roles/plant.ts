/** The process definition that a command works with, and its source. */
import { loadDefinition } from '../processes/load.ts';
import { withCells } from '../processes/plant.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import type { CsvProblem } from '../sources/csv/csv.ts';
import { parseFaults } from '../sources/faults/faults.ts';
import { openSource as open, type SourceChoice } from '../sources/open.ts';
import type { Source } from '../sources/source.ts';
import { CastwatchError } from '../base/errors.ts';

export interface PlantFlags {
  readonly process: string;
  /** So many cells instead of those that the definition names. */
  readonly cells?: number | undefined;
}

export function openDefinition({ process, cells }: PlantFlags): ProcessDefinition {
  const definition = loadDefinition(process);
  return cells === undefined ? definition : withCells(definition, cellNames(definition, cells));
}

/** The definition's own names first, then on in their manner: `S1, S2` and then `S3`. */
function cellNames(definition: ProcessDefinition, count: number): readonly string[] {
  const own = definition.cells === 'any' ? [] : definition.cells;
  const stem = /^(.*?)\d*$/.exec(own[0] ?? 'cell-')?.[1] ?? 'cell-';
  return Array.from({ length: count }, (_, index) => own[index] ?? `${stem}${index + 1}`);
}

export interface SourceFlags {
  readonly source: 'simulator' | 'csv';
  /** Paths or patterns. */
  readonly file: readonly string[];
  readonly seed: string;
  /** `all`, `none` or kinds. */
  readonly faults: string;
  /** Plant time; without it a simulation has no end. */
  readonly minutes?: number | undefined;
  /** First scan of a simulation, ms since the epoch. */
  readonly startTime: number;
}

/** Equal flags give equal records: that is what results are checked against. */
export function openSource(
  definition: ProcessDefinition,
  flags: SourceFlags,
  onProblem: (problem: CsvProblem) => void = () => undefined,
): Promise<Source> {
  return open({
    definition,
    choice: choose(flags, onProblem),
    seed: flags.seed,
    faults: parseFaults(flags.faults),
  });
}

function choose(
  { source, file, minutes, startTime }: SourceFlags,
  onProblem: (problem: CsvProblem) => void,
): SourceChoice {
  if (source === 'simulator') {
    const duration = minutes === undefined ? {} : { duration: minutes * 60_000 };
    return { kind: 'simulator', start: startTime, ...duration };
  }
  if (file.length === 0) {
    throw new CastwatchError('CONFIGURATION', 'The csv source was given no files.', {
      remedy: "Name them with --file 'GLOB', quoted; it may be given several times.",
    });
  }
  return { kind: 'csv', files: file, onProblem };
}
