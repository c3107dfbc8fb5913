/** `retrain`: trains a challenger once, when drift or age requires it. */
import type { Command } from 'commander';
import { percent } from '../../../base/text.ts';
import { ensureParts } from '../../../local/parts/java-parts.ts';
import { createLogger } from '../../../telemetry/log.ts';
import { readConfig, requireAddresses } from '../../../roles/config.ts';
import { openKafkaFor, openPool } from '../../../roles/connections.ts';
import { besideLocalStack } from '../../local-stack.ts';
import { modelsFolder } from '../../../roles/open-registry.ts';
import { cellsOption, positiveInteger, processOption } from '../../options.ts';
import { openDefinition, type PlantFlags } from '../../../roles/open-definition.ts';
import { retrain } from '../../../roles/retrain/retrain.ts';

interface Flags extends PlantFlags {
  readonly force?: string;
  readonly seed: number;
  readonly json: boolean;
}

export function addRetrain(program: Command): void {
  program
    .command('retrain')
    .summary('train a challenger when drift or age requires it')
    .description(
      "Checks the champion's drift and age by the rules in the process definition's `retraining`. When they require it, trains " +
        'on the records on the input topics and makes the new bundle challenger. It never promotes.',
    )
    .addOption(processOption())
    .addOption(cellsOption())
    .option('--force <why>', 'train for this reason, without a check of drift and age')
    .option('--seed <n>', 'seed of all random numbers', positiveInteger, 1)
    .option('--json', 'print the result as JSON', false)
    .action(run);
}

async function run({ force, seed, json, ...plant }: Flags): Promise<void> {
  const definition = openDefinition(plant);
  if (process.env['CASTWATCH_XGBOOST'] === undefined) await ensureParts(['xgboost'], progress);
  const config = await besideLocalStack(readConfig());
  const { databaseUrl } = requireAddresses(config, 'databaseUrl');
  const log = createLogger('retrain', config.LOG_LEVEL);
  const kafka = await openKafkaFor('retrain', { config, log, signal: AbortSignal.timeout(30_000) });
  const pool = openPool(databaseUrl);
  try {
    const result = await retrain({
      kafka,
      pool,
      definition,
      modelsFolder: modelsFolder(config),
      seed,
      ...(force !== undefined && { force }),
      onStart: (why) => {
        progress(`training a challenger: ${why}`);
      },
      onProgress: (what, share) => {
        progress(`${percent(share, 0).padStart(5)}  ${what}`);
      },
    });
    if (json) console.log(JSON.stringify(result));
    else if (result.outcome === 'trained')
      console.log(
        `${result.bundle} is challenger now (${result.why})\n\`castwatch models compare\` shows whether it is better.`,
      );
    else if (result.outcome === 'same')
      console.log(`training gave ${result.bundle} again, which has a role already`);
    else console.log(`nothing was trained: ${result.why}`);
  } finally {
    await pool.end();
    await kafka.close();
  }
}

const progress = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
