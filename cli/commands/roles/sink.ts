import type { Command } from 'commander';
import { readConfig, requireAddresses } from '../../../roles/config.ts';
import { openKafkaFor } from '../../../roles/connections.ts';
import { besideLocalStack } from '../../local-stack.ts';
import { runRole } from '../../../roles/role.ts';
import { startSinkRole } from '../../../roles/sink.ts';

export function addSink(program: Command): void {
  program
    .command('sink')
    .summary('store the records of the topics in the database')
    .description(
      'Writes the records of the topics to the database, each once. While the database does not answer, the sink waits for it.',
    )
    .action(async () => {
      const config = await besideLocalStack(readConfig());
      const { databaseUrl } = requireAddresses(config, 'databaseUrl');
      await runRole('sink', config, async (context) =>
        startSinkRole({ kafka: await openKafkaFor('sink', context), databaseUrl }, context),
      );
    });
}
