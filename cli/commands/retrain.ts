import type { Command } from 'commander';
import { ensureParts } from '../../local/parts.ts';
import { createLogger } from '../../telemetry/log.ts';
import { readConfig, requireAddresses } from '../../roles/config.ts';
import { openKafkaFor, openPool } from '../../roles/connections.ts';
import { besideLocalStack } from '../local-stack.ts';
import { modelsFolder } from '../../roles/models.ts';
import { cellsOption, positiveInteger, processOption } from '../options.ts';
import { openDefinition, type PlantFlags } from '../../roles/plant.ts';
import { retrain } from '../../roles/retrain/retrain.ts';

interface Flags extends PlantFlags {
  readonly force?: string;
  readonly seed: number;
  readonly json: boolean;
}

export function addRetrain(program: Command): void {
  program
    .command('retrain')
    .summary('train a challenger when drift or age says so')
    .description(
      "Looks at the champion's drift and age as the process definition's `retraining` says. When there is reason to, trains " +
        'on what is on the input topics and puts the new bundle beside the champion as challenger. It never promotes.',
    )
    .addOption(processOption())
    .addOption(cellsOption())
    .option('--force <why>', 'train whatever drift and age say, for this reason')
    .option('--seed <n>', 'of everything drawn', positiveInteger, 1)
    .option('--json', 'say the result in JSON', false)
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
        progress(`${String(Math.round(share * 100)).padStart(3)} %  ${what}`);
      },
    });
    if (json) console.log(JSON.stringify(result));
    else if (result.outcome === 'trained')
      console.log(
        `${result.bundle} is challenger now (${result.why})\n\`castwatch models compare\` tells whether it is better.`,
      );
    else if (result.outcome === 'same')
      console.log(`training came to ${result.bundle} again, which has a role already`);
    else console.log(`nothing was trained: ${result.why}`);
  } finally {
    await pool.end();
    await kafka.close();
  }
}

const progress = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
