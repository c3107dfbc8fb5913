import { Argument, type Command } from 'commander';
import { readConfig } from '../../roles/config.ts';
import { besideLocalStack } from '../local-stack.ts';
import { openKafkaFor } from '../../roles/connections.ts';
import {
  addSourceOptions,
  cellsOption,
  parseTime,
  processOption,
  type ParsedSourceOptions,
} from '../options.ts';
import { openDefinition, openSource, type PlantFlags } from '../../roles/plant.ts';
import { runRole } from '../../roles/role.ts';
import type { Speed } from '../../sources/pace.ts';
import { since } from '../../sources/since.ts';
import { startSourceRole } from '../../roles/source.ts';

type Flags = PlantFlags & ParsedSourceOptions & { readonly publishFrom?: number };

export function addSource(program: Command): void {
  const command = program
    .command('source')
    .summary('publish a simulation or files')
    .description(
      'Publishes readings, MES events and labels on their topics and ends when the source does. Each file is one cell.',
    )
    .addArgument(new Argument('<kind>', 'what publishes').choices(['simulator', 'csv']))
    .addOption(processOption())
    .addOption(cellsOption());
  addSourceOptions(command)
    .option('--publish-from <time>', 'simulate what is before, but do not publish it; ISO 8601', parseTime)
    .action(async (kind: 'simulator' | 'csv', flags: Flags) => {
      const definition = openDefinition(flags);
      await runRole('source', await besideLocalStack(readConfig()), async (context) => {
        const startTime = flags.startTime ?? Date.now();
        const source = await openSource(definition, { ...flags, source: kind, startTime }, (problem) => {
          context.log.warn(problem, 'a file has a mistake');
        });
        const kafka = await openKafkaFor('source', context);
        const { publishFrom } = flags;
        const published = publishFrom === undefined ? source : since(source, publishFrom);
        return startSourceRole({ kafka, source: published, speed: pace(kind, flags.speed) }, context);
      });
    });
}

/** At plant speed a simulation keeps to the clock on the wall, so that a late start is not a lasting delay. */
const pace = (kind: 'simulator' | 'csv', speed: number | 'max'): Speed =>
  kind === 'simulator' && speed === 1 ? 'live' : speed;
