/** `retrainer`: runs the role that retrains on a schedule. */
import type { Command } from 'commander';
import { readConfig, requireAddresses } from '../../../roles/config.ts';
import { openKafkaFor } from '../../../roles/connections.ts';
import { besideLocalStack } from '../../local-stack.ts';
import { cellsOption, positive, processOption } from '../../options.ts';
import { openDefinition, type PlantFlags } from '../../../roles/open-definition.ts';
import { runRole } from '../../../roles/role.ts';
import { startRetrainerRole } from '../../../roles/retrainer.ts';

interface Flags extends PlantFlags {
  readonly everyMinutes: number;
}

export function addRetrainer(program: Command): void {
  program
    .command('retrainer')
    .summary('run `retrain` on a schedule')
    .description(
      'Runs `retrain` on a schedule. When several instances run, only one trains at a time. It never promotes; people promote with `models promote`.',
    )
    .addOption(processOption())
    .addOption(cellsOption())
    .option('--every-minutes <n>', 'minutes between two checks', positive, 60)
    .action(async (flags: Flags) => {
      const definition = openDefinition(flags);
      const config = await besideLocalStack(readConfig());
      const { databaseUrl } = requireAddresses(config, 'databaseUrl');
      await runRole('retrainer', config, async (context) => {
        const kafka = await openKafkaFor('retrainer', context);
        return startRetrainerRole(
          { kafka, definition, databaseUrl, every: flags.everyMinutes * 60_000 },
          context,
        );
      });
    });
}
