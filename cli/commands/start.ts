import { Option, type Command } from 'commander';
import { kindsHelp, publishedNames } from '../../sources/kinds.ts';
import { addSourceOptions, cellsOption, port, processOption } from '../options.ts';
import type { StartFlags } from '../start/flags.ts';
import { runStart } from '../start/run.ts';

const examples = `
Examples:
  castwatch start --open                     simulate the plant at its own speed and open the console
  castwatch start --cells 2 --minutes 60 --speed max --fresh --until-done
                                             process an hour of two cells, check the results, and end
  castwatch start --process processes/pump-rig.yaml --source csv --file 'data/*.csv' --speed 60
                                             replay files at 60 times the plant's speed`;

export function addStart(program: Command): void {
  const command = program
    .command('start')
    .summary('run everything on this machine')
    .description(
      'Starts Kafka, a schema registry and PostgreSQL, creates topics and tables, runs all roles, and serves the operator console. ' +
        'If KAFKA_BROKERS, SCHEMA_REGISTRY_URL or DATABASE_URL is set, it uses that server and starts none. Ctrl-C stops everything.',
    )
    .addOption(processOption())
    .addOption(
      new Option(
        '--source <kind>',
        `source of the readings. ${kindsHelp(publishedNames)}; none: publish nothing`,
      )
        .choices([...publishedNames, 'none'])
        .default('simulator'),
    )
    .addOption(cellsOption());
  addSourceOptions(command)
    .option(
      '--until-done',
      'end when the source has ended and everything is stored; print a summary as one JSON line, and fail if the results do not reconcile',
      false,
    )
    .option('--json', 'print the status line as JSON lines', false)
    .option('--fresh', 'first delete the local data of earlier runs', false)
    .option('--open', 'open the console in a browser', false)
    .option(
      '--port <port>',
      'port of the console; 0 takes a free port (default: GATEWAY_PORT, else 8080)',
      port,
    )
    .addHelpText('after', examples)
    .action((flags: StartFlags) => runStart(flags));
}
