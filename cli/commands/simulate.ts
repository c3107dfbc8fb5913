import { Option, type Command } from 'commander';
import { exportDataset } from '../../sources/dataset.ts';
import { cellsOption, parseTime, positive, processOption } from '../options.ts';
import { openDefinition, type PlantFlags } from '../../roles/plant.ts';

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
      'Writes readings, MES events, labels and the truth behind them as CSV. Equal flags give equal files.',
    )
    .addOption(processOption())
    .addOption(cellsOption())
    .requiredOption('--out <folder>', 'where the files go')
    .option('--minutes <n>', 'of plant time', positive, 24 * 60)
    .option('--seed <seed>', 'of the simulation', '1')
    .addOption(
      new Option('--start-time <time>', 'of the first scan, ISO 8601')
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
