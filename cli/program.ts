/** Puts the commands together. Each has a file in commands/, which calls the folder that does the work. */
import { Command } from 'commander';
import { addAssets } from './commands/assets.ts';
import { addBreaker } from './commands/breaker.ts';
import { addCheck } from './commands/check.ts';
import { addDeadLetters } from './commands/dead-letters.ts';
import { addGaps } from './commands/gaps.ts';
import { addGenerate } from './commands/generate.ts';
import { addMigrate } from './commands/migrate.ts';
import { addDraft } from './commands/draft.ts';
import { addEvaluate } from './commands/models/evaluate.ts';
import { addGateway } from './commands/roles/gateway.ts';
import { addModels } from './commands/models/models.ts';
import { addProcess } from './commands/roles/process.ts';
import { addRetrain } from './commands/models/retrain.ts';
import { addRetrainer } from './commands/roles/retrainer.ts';
import { addSchemas } from './commands/schemas.ts';
import { addSimulate } from './commands/simulate.ts';
import { addSink } from './commands/roles/sink.ts';
import { addSource } from './commands/roles/source.ts';
import { addStart } from './commands/start.ts';
import { addStatus } from './commands/status.ts';
import { addTopics } from './commands/topics.ts';
import { addTrain } from './commands/models/train.ts';

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
  addGaps(program);
  addBreaker(program);
  addAssets(program);
  addCheck(program);
  addDraft(program);
  addSimulate(program);
  addTrain(program);
  addRetrain(program);
  addRetrainer(program);
  addEvaluate(program);
  addModels(program);
  addStatus(program);
  return program;
}
