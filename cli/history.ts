/** The history that models learn from and are judged on: the flags that name it, and the source that gives it. */
import { type Command, Option } from 'commander';
import type { Truth } from '../models/judgement.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import { createCsvSource } from '../sources/csv/csv.ts';
import { createSimulator } from '../sources/simulator/simulator.ts';
import type { Source } from '../sources/source.ts';
import { CastwatchError } from '../telemetry/errors.ts';
import { positive, positiveInteger } from './options.ts';

export interface HistoryFlags {
  readonly from?: 'simulator' | 'csv';
  readonly file: readonly string[];
  readonly minutes: number;
  readonly seed: number;
}

export interface History {
  readonly source: Source;
  /** Of simulated history. */
  readonly truth?: Truth;
}

export function addHistoryOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--from <kind>', 'where the history comes from; csv when files are named').choices([
        'simulator',
        'csv',
      ]),
    )
    .option(
      '--file <glob>',
      'history files, quoted; may be given several times',
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option('--minutes <n>', 'of plant time to simulate', positive, 24 * 60)
    .option('--seed <n>', 'of the simulation and of everything drawn', positiveInteger, 1);
}

/**
 * Where simulated history begins, by purpose: the same seed is then the same history, and what is judged on lies
 * weeks after what was learnt from.
 */
const simulationStart = { training: Date.UTC(2026, 0, 5), evaluation: Date.UTC(2026, 2, 2) };

/** @param purpose its simulation is a stream of its own, apart from the one that `start` shows with the same seed. */
export async function openHistory(
  definition: ProcessDefinition,
  flags: HistoryFlags,
  purpose: keyof typeof simulationStart,
): Promise<History> {
  const kind = flags.from ?? (flags.file.length > 0 ? 'csv' : 'simulator');
  if (kind === 'csv') {
    if (flags.file.length === 0) {
      throw new CastwatchError('CONFIGURATION', 'History from csv was asked for, and no files were named.', {
        remedy: "Name them with --file 'GLOB', quoted; it may be given several times.",
      });
    }
    return { source: await createCsvSource({ definition, files: flags.file }) };
  }
  const probabilities = new Map<string, number>();
  const source = createSimulator({
    definition,
    seed: `${purpose}-${flags.seed}`,
    start: simulationStart[purpose],
    duration: flags.minutes * 60_000,
    onSpan: ({ asset, until, probability }) => {
      probabilities.set(`${asset} ${until}`, probability);
    },
  });
  return { source, truth: (asset, time) => probabilities.get(`${asset} ${time}`) };
}
