import type { Command } from 'commander';
import { readConfig, requireAddresses } from '../../roles/config.ts';
import { openKafkaFor } from '../../roles/connections.ts';
import { runRole } from '../../roles/role.ts';
import { startSinkRole } from '../../roles/sink.ts';

export function addSink(program: Command): void {
  program
    .command('sink')
    .summary('store the topics in the database')
    .description(
      'Writes what is on the topics into the database, each record once. A database that is away is waited for.',
    )
    .action(async () => {
      const config = readConfig();
      const { databaseUrl } = requireAddresses(config, 'databaseUrl');
      await runRole('sink', config, async (context) =>
        startSinkRole({ kafka: await openKafkaFor('sink', context), databaseUrl }, context),
      );
    });
}
