import type { Command } from 'commander';
import { readConfig, requireAddresses } from '../../roles/config.ts';
import { openKafkaFor } from '../../roles/connections.ts';
import { cellsOption, positive, processOption } from '../options.ts';
import { openDefinition, type PlantFlags } from '../../roles/plant.ts';
import { runRole } from '../../roles/role.ts';
import { startRetrainerRole } from '../../roles/retrainer.ts';

interface Flags extends PlantFlags {
  readonly everyMinutes: number;
}

export function addRetrainer(program: Command): void {
  program
    .command('retrainer')
    .summary('look again and again whether a challenger is to be trained')
    .description(
      'Runs `retrain` on a schedule. Of several that run, one trains at a time. It never promotes: people do, by `models promote`.',
    )
    .addOption(processOption())
    .addOption(cellsOption())
    .option('--every-minutes <n>', 'how often it looks', positive, 60)
    .action(async (flags: Flags) => {
      const definition = openDefinition(flags);
      const config = readConfig();
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
