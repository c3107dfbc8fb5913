import type { Command } from 'commander';
import { migrate } from '../../sinks/timescale/migrate.ts';
import { createLogger } from '../../telemetry/log.ts';
import { openDefinition } from '../../roles/plant.ts';
import { readConfig, requireAddresses } from '../../roles/config.ts';
import { besideLocalStack } from '../local-stack.ts';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .summary("bring the database's tables up to date")
    .description(
      'Creates or changes the tables. Needs a user that may do so; the sink itself does with less.',
    )
    .option('--process <file...>', 'process definitions whose tags and features boards are to know by name')
    .option('--json', 'say it in JSON', false)
    .action(
      async ({ json, process: files = [] }: { readonly json: boolean; readonly process?: string[] }) => {
        const config = await besideLocalStack(readConfig());
        const { databaseUrl } = requireAddresses(config, 'databaseUrl');
        const result = await migrate({
          databaseUrl,
          definitions: files.map((process) => openDefinition({ process })),
          log: createLogger('migrate', json ? 'warn' : config.LOG_LEVEL),
        });
        const server = result.kind === 'timescaledb' ? 'TimescaleDB' : 'PostgreSQL without TimescaleDB';
        console.log(json ? JSON.stringify(result) : `${server}: ${result.applied.length} migrations applied`);
      },
    );
}
