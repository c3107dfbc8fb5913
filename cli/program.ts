/** Puts the commands together. Each has a file in commands/, which calls the folder that does the work. */
import { Command } from 'commander';
import { addDeadLetters } from './commands/dead-letters.ts';
import { addGenerate } from './commands/generate.ts';
import { addMigrate } from './commands/migrate.ts';
import { addEvaluate } from './commands/evaluate.ts';
import { addGateway } from './commands/gateway.ts';
import { addModels } from './commands/models.ts';
import { addProcess } from './commands/process.ts';
import { addRetrain } from './commands/retrain.ts';
import { addRetrainer } from './commands/retrainer.ts';
import { addSchemas } from './commands/schemas.ts';
import { addSimulate } from './commands/simulate.ts';
import { addSink } from './commands/sink.ts';
import { addSource } from './commands/source.ts';
import { addStart } from './commands/start.ts';
import { addStatus } from './commands/status.ts';
import { addTopics } from './commands/topics.ts';
import { addTrain } from './commands/train.ts';

export function makeProgram(): Command {
  const program = new Command('castwatch')
    .description(
      'Early warning for industrial processes: reads sensor data from Kafka and writes explained predictions and alarms, exactly once. ' +
        'Begin with `start`, which runs everything on this machine. `castwatch <command> --help` explains a command.',
    )
    .showHelpAfterError('(--help lists the options)')
    .exitOverride()
    .configureHelp({ sortSubcommands: false });
  addStart(program);
  addProcess(program);
  addSink(program);
  addGateway(program);
  addSource(program);
  addTopics(program);
  addMigrate(program);
  addGenerate(program);
  addSchemas(program);
  addDeadLetters(program);
  addSimulate(program);
  addTrain(program);
  addRetrain(program);
  addRetrainer(program);
  addEvaluate(program);
  addModels(program);
  addStatus(program);
  return program;
}
