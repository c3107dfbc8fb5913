import { Argument, type Command } from 'commander';
import { dataFolder, readConfig } from '../../../roles/config.ts';
import { openKafkaFor } from '../../../roles/connections.ts';
import { openDefinition, type PlantFlags } from '../../../roles/open-definition.ts';
import { runRole } from '../../../roles/role.ts';
import { positionsFolder, startSourceRole } from '../../../roles/source.ts';
import { kinds, kindsHelp, publishedNames, type PublishedName } from '../../../sources/kinds.ts';
import { openSource, requireReplayable } from '../../../sources/open.ts';
import type { Speed } from '../../../sources/publish/speed.ts';
import { since } from '../../../sources/since.ts';
import { besideLocalStack } from '../../local-stack.ts';
import {
  addSourceOptions,
  cellsOption,
  parseTime,
  processOption,
  requirePaced,
  type ParsedSourceOptions,
} from '../../options.ts';

type Flags = PlantFlags & ParsedSourceOptions & { readonly publishFrom?: number };

export function addSource(program: Command): void {
  const command = program
    .command('source')
    .summary('publish a simulation, files or a live source')
    .description(
      'Publishes readings, MES events and labels on their topics. The command ends when the source ends. A live source does not end.',
    )
    .addArgument(new Argument('<kind>', kindsHelp(publishedNames)).choices(publishedNames))
    .addOption(processOption())
    .addOption(cellsOption());
  addSourceOptions(command)
    .option(
      '--publish-from <time>',
      'publish only readings and labels from this event time on, ISO 8601; earlier ones are read but not published',
      parseTime,
    )
    .action(async (kind: PublishedName, flags: Flags) => {
      requirePaced(kind, flags.speed);
      const definition = openDefinition(flags);
      const config = await besideLocalStack(readConfig());
      await runRole('source', config, async (context) => {
        const opened = await openSource(
          definition,
          { ...flags, source: kind },
          {
            positions: positionsFolder(dataFolder(config, definition.process), config),
            onProblem: (problem) => {
              context.log.warn(problem, 'the source cannot read a part of its input');
            },
          },
        );
        const kafka = await openKafkaFor('source', context);
        const { publishFrom } = flags;
        const source =
          publishFrom === undefined
            ? opened
            : since(requireReplayable(opened, '--publish-from', 'leaves out earlier records'), publishFrom);
        return startSourceRole({ kafka, source, speed: pace(kind, flags.speed) }, context);
      });
    });
}

/** At plant speed a simulation follows the wall clock, so that a late start does not delay every later record. */
function pace(name: PublishedName, speed: number | 'max'): Speed {
  const kind = kinds[name];
  return kind.is === 'replayable' && kind.simulated === true && speed === 1 ? 'live' : speed;
}
