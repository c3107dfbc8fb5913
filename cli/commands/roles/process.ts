import { Option, type Command } from 'commander';
import { stepNames, type StepName } from '../../../processors/topology.ts';
import { readConfig } from '../../../roles/config.ts';
import { openKafkaFor } from '../../../roles/connections.ts';
import { besideLocalStack } from '../../local-stack.ts';
import { cellsOption, parseSteps, processOption } from '../../options.ts';
import { openDefinition, type PlantFlags } from '../../../roles/open-definition.ts';
import { runRole } from '../../../roles/role.ts';
import { startProcessRole } from '../../../roles/process.ts';

interface Flags extends PlantFlags {
  readonly steps: readonly StepName[];
  readonly apart: boolean;
}

export function addProcess(program: Command): void {
  program
    .command('process')
    .summary('run the processing steps')
    .description(
      'Runs the steps of the pipeline: validates readings, makes features, predicts, measures drift from the training data, ' +
        'compares predictions with labels, and raises alarms. Each record takes effect exactly once. ' +
        'Start this command several times to share the partitions among the processes.',
    )
    .addOption(processOption())
    .addOption(cellsOption())
    .addOption(
      new Option('--steps <names>', 'steps to run, separated by commas')
        .argParser(parseSteps)
        .default(stepNames, stepNames.join(',')),
    )
    .addOption(
      new Option(
        '--apart',
        'run each step in tasks and transactions of its own; otherwise neighbouring steps share one (a chain)',
      ).default(false),
    )
    .action(async (flags: Flags) => {
      const definition = openDefinition(flags);
      await runRole('process', await besideLocalStack(readConfig()), async (context) => {
        const kafka = await openKafkaFor('process', context);
        return startProcessRole({ kafka, definition, steps: flags.steps, apart: flags.apart }, context);
      });
    });
}
