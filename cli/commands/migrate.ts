import type { Command } from 'commander';
import { migrate } from '../../sinks/timescale/migrate.ts';
import { createLogger } from '../../telemetry/log.ts';
import { openDefinition } from '../../roles/open-definition.ts';
import { readConfig, requireAddresses } from '../../roles/config.ts';
import { besideLocalStack } from '../local-stack.ts';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .summary('bring the tables of the database up to date')
    .description(
      'Creates the tables, or changes them to the current version. Repeating it changes nothing. ' +
        'The database user must be allowed to create and change tables. The sink only needs to read and write rows.',
    )
    .option(
      '--process <file...>',
      'process definitions; the names of their tags and features are stored for the Grafana boards',
    )
    .option('--json', 'print the result as JSON', false)
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
