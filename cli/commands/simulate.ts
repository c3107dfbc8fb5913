import { Option, type Command } from 'commander';
import { exportDataset } from '../../sources/export-dataset.ts';
import { cellsOption, parseTime, positive, processOption } from '../options.ts';
import { openDefinition, type PlantFlags } from '../../roles/open-definition.ts';

interface Flags extends PlantFlags {
  readonly minutes: number;
  readonly seed: string;
  readonly startTime: number;
  readonly out: string;
}

const defaultStart = Date.UTC(2026, 0, 5);

export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .summary('write a simulated history as files')
    .description(
      'Writes CSV files: readings (one file per cell), MES events, labels, and the true probability of each label. ' +
        'Prints a summary as JSON, which is also written to truth.json. The same flags give the same files.',
    )
    .addOption(processOption())
    .addOption(cellsOption())
    .requiredOption('--out <folder>', 'folder to write the files to')
    .option('--minutes <n>', 'minutes of plant time to simulate', positive, 24 * 60)
    .option('--seed <seed>', 'seed of the simulation: another seed gives another history', '1')
    .addOption(
      new Option('--start-time <time>', 'time of the first scan, ISO 8601')
        .argParser(parseTime)
        .default(defaultStart, new Date(defaultStart).toISOString()),
    )
    .action(async (flags: Flags) => {
      const truth = await exportDataset({
        definition: openDefinition(flags),
        seed: flags.seed,
        start: flags.startTime,
        duration: flags.minutes * 60_000,
        out: flags.out,
      });
      console.log(JSON.stringify(truth));
    });
}
