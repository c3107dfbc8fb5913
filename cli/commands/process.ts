import { Option, type Command } from 'commander';
import { stepNames, type StepName } from '../../processors/topology.ts';
import { readConfig } from '../../roles/config.ts';
import { openKafkaFor } from '../../roles/connections.ts';
import { cellsOption, parseSteps, processOption } from '../options.ts';
import { openDefinition, type PlantFlags } from '../../roles/plant.ts';
import { runRole } from '../../roles/role.ts';
import { startProcessRole } from '../../roles/process.ts';

interface Flags extends PlantFlags {
  readonly steps: readonly StepName[];
  readonly apart: boolean;
}

export function addProcess(program: Command): void {
  program
    .command('process')
    .summary('run the processing steps')
    .description(
      'Runs steps of the pipeline as members of their consumer groups: readings are validated, made into features, ' +
        'predicted on, compared with training and with labels, and watched for alarms, exactly once. Run more of them to share the partitions.',
    )
    .addOption(processOption())
    .addOption(cellsOption())
    .addOption(
      new Option('--steps <names>', 'which steps, with commas between')
        .argParser(parseSteps)
        .default(stepNames, stepNames.join(',')),
    )
    .addOption(
      new Option(
        '--apart',
        'give each step its own tasks and transactions, instead of chaining neighbours in one',
      ).default(false),
    )
    .action(async (flags: Flags) => {
      const definition = openDefinition(flags);
      await runRole('process', readConfig(), async (context) => {
        const kafka = await openKafkaFor('process', context);
        return startProcessRole({ kafka, definition, steps: flags.steps, apart: flags.apart }, context);
      });
    });
}
