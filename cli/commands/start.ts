import { Option, type Command } from 'commander';
import { kindsHelp, publishedNames } from '../../sources/kinds.ts';
import { addSourceOptions, cellsOption, port, processOption } from '../options.ts';
import type { StartFlags } from '../start/flags.ts';
import { runStart } from '../start/run.ts';

export function addStart(program: Command): void {
  const command = program
    .command('start')
    .summary('run everything on this machine')
    .description(
      'Brings up Kafka, schema registry and PostgreSQL (or uses those that KAFKA_BROKERS, SCHEMA_REGISTRY_URL and ' +
        'DATABASE_URL name), creates topics and tables, runs all roles, and serves the console. Ctrl-C stops it all.',
    )
    .addOption(processOption())
    .addOption(
      new Option('--source <kind>', `what publishes. ${kindsHelp(publishedNames)}; none: nothing`)
        .choices([...publishedNames, 'none'])
        .default('simulator'),
    )
    .addOption(cellsOption());
  addSourceOptions(command)
    .option(
      '--until-done',
      'end when the source has ended and all is stored; print one JSON line, fail unless it reconciles',
      false,
    )
    .option('--json', 'status as JSON lines', false)
    .option('--fresh', 'drop the local data of earlier runs first', false)
    .option('--open', 'open the console in a browser', false)
    .option('--port <port>', 'of the console; 0 takes a free one (default: GATEWAY_PORT, 8080)', port)
    .action((flags: StartFlags) => runStart(flags));
}
