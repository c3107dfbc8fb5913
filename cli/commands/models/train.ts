/** `train`: trains a bundle from history and, with --promote, makes it champion. */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { CastwatchError } from '../../../base/errors.ts';
import { percent } from '../../../base/text.ts';
import { ensureParts, localFolder } from '../../../local/parts/java-parts.ts';
import { loadBundle } from '../../../models/bundle/bundle.ts';
import { writeChampion } from '../../../models/bundle/champion-file.ts';
import { engineNames, type EngineName } from '../../../models/learners/lstm/engine.ts';
import type { Trial } from '../../../models/training/trials.ts';
import { readSettings, searchFile, writeSettings } from '../../../models/training/settings.ts';
import { train } from '../../../models/training/train-bundle.ts';
import { addHistoryOptions, type HistoryFlags } from '../../history/model-history.ts';
import { readDataset } from '../../history/read-dataset.ts';
import { cellsOption, positive, processOption } from '../../options.ts';
import { openDefinition, type PlantFlags } from '../../../roles/open-definition.ts';
import { readConfig, type Config } from '../../../roles/config.ts';
import { openKafkaFor } from '../../../roles/connections.ts';
import { besideLocalStack } from '../../local-stack.ts';
import { modelsFolder, openRegistry } from '../../../roles/open-registry.ts';
import { defaultEntry } from '../../../models/registry/default-champion.ts';
import { promote } from '../../../models/registry/decisions.ts';
import { passGate, promotionGate } from '../../../models/registry/promotion-gate.ts';
import { holder } from '../../../models/registry/entries.ts';
import { describeBundle } from '../../../models/bundle/places.ts';
import type { ProcessDefinition } from '../../../processes/schema.ts';
import { createLogger } from '../../../telemetry/log.ts';
import { forceOption } from '../../decision.ts';
import { figuresIn, figuresText } from './bundle-figures.ts';

interface Flags extends PlantFlags, HistoryFlags {
  readonly out?: string;
  readonly searchMinutes?: number;
  readonly lstmTrainer: EngineName;
  readonly promote: boolean;
  readonly why?: string;
  readonly force: boolean;
  readonly by: string;
  readonly json: boolean;
}

export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .summary('train a model bundle from history')
    .description(
      'Computes features with the same steps as the running pipeline, trains and judges the ensemble, and writes a bundle with its model card.',
    )
    .addOption(processOption())
    .addOption(cellsOption());
  addHistoryOptions(command)
    .option('--out <folder>', "parent of the bundle's folder; default models/bundles/<process>")
    .option(
      '--search-minutes <n>',
      'first search for better settings for this number of minutes, and keep them',
      positive,
    )
    .addOption(
      new Option(
        '--lstm-trainer <name>',
        'engine that trains the LSTM; tensorflow must be installed and is much slower',
      )
        .choices(engineNames)
        .default('onnx'),
    )
    .option('--promote', 'make the bundle champion, if its figures allow it', false)
    .addOption(forceOption())
    .option('--why <text>', `reason for the promotion, kept in the model registry; default: ${withoutReason}`)
    .option('--by <name>', 'name of the person who promotes', userInfo().username)
    .option('--json', 'print the result as JSON', false)
    .action(run);
}

const withoutReason = 'trained with --promote';

async function run(flags: Flags): Promise<void> {
  if (flags.force && (flags.why ?? '').trim() === '')
    throw new CastwatchError('CONFIGURATION', '--force needs a reason: --why TEXT.');
  const definition = openDefinition(flags);
  if (process.env['CASTWATCH_XGBOOST'] === undefined) await ensureParts(['xgboost'], progress);
  const { dataset, truth } = await readDataset(definition, flags, 'training', progress);
  const config = await besideLocalStack(readConfig());
  const home = join(modelsFolder(config), definition.process);
  const out = flags.out ?? home;
  const minutes = flags.searchMinutes;
  const { folder, card, settings } = await train({
    definition,
    dataset,
    out,
    seed: flags.seed,
    ...(truth && { truth }),
    settings: readSettings(out),
    lstmTrainer: flags.lstmTrainer,
    unfinished: join(localFolder, 'training', dataset.id),
    ...(minutes !== undefined && {
      search: { file: searchFile(out), until: Date.now() + minutes * 60_000, onTrial: tellTrial },
    }),
    onWarning: (text) => {
      progress(`leak check: ${text}`);
    },
    onProgress: (what, share) => {
      progress(`${percent(share, 0).padStart(5)}  ${what}`);
    },
  });
  if (minutes !== undefined) writeSettings(out, settings);
  const bundle = folder.slice(folder.lastIndexOf('/') + 1);
  const promotion = flags.promote
    ? await tried(promoteNew(definition, folder, out, flags, config))
    : undefined;
  if (flags.json) {
    const malformed = card.data.malformed ?? {};
    const promoted = promotion !== undefined && 'said' in promotion;
    const ensemble = (card.heldOut ?? card.crossValidated).scores[0];
    console.log(JSON.stringify({ bundle, folder, data: card.data.id, malformed, ensemble, promoted }));
  } else {
    console.log(`${folder}\n${figuresText(figuresIn(folder))}; see card.md for more.`);
    if (promotion === undefined) console.log(nextCommands(folder, bundle, flags, home));
    else if ('said' in promotion) console.log(promotion.said);
  }
  if (promotion !== undefined && 'error' in promotion) throw promotion.error;
}

/** The training took long, so its result is printed also when the promotion fails. */
const tried = (
  promotion: Promise<string>,
): Promise<{ readonly said: string } | { readonly error: unknown }> =>
  promotion.then(
    (said) => ({ said }),
    (error: unknown) => ({ error }),
  );

/** @param home the folder of the process's bundles that running instances read */
function nextCommands(folder: string, bundle: string, flags: Flags, home: string): string {
  const { process: file, out } = flags;
  return [
    'No process serves it yet. Evaluate it on data that it has not seen:',
    `  npm run evaluate -- --process ${file} --bundle ${folder} --data 'FILES'`,
    ...(out === undefined
      ? [
          'Then make it champion while Castwatch runs:',
          `  npm run castwatch -- models promote ${bundle} --process ${file} --why 'REASON'`,
        ]
      : [`To promote it, first move its folder to ${home}.`]),
  ].join('\n');
}

/** Promotes in the model registry where one runs. Otherwise the bundle is the champion at the next start. */
async function promoteNew(
  definition: ProcessDefinition,
  folder: string,
  out: string,
  { by, why = withoutReason, force }: Flags,
  config: Config,
): Promise<string> {
  const { process } = definition;
  const root = modelsFolder(config);
  const bundle = describeBundle(loadBundle(folder), root);
  const name = bundle.bundle;
  const gate = promotionGate(definition, root);
  const decision = { by, why, force };
  if (config.KAFKA_BROKERS === undefined || config.SCHEMA_REGISTRY_URL === undefined) {
    const refusals = gate(bundle, defaultEntry(process, out, root));
    writeChampion(out, name, { ...passGate(name, refusals, decision), at: new Date().toISOString() });
    return 'It becomes champion at the next start.';
  }
  const log = createLogger('train', 'warn');
  const kafka = await openKafkaFor('train', { config, log, signal: AbortSignal.timeout(30_000) });
  try {
    const registry = openRegistry(kafka);
    if (holder(await registry.entries(process), 'CHAMPION')?.bundle === name)
      return 'It was champion already.';
    await promote(registry, process, bundle, decision, gate);
    return 'It is champion now.';
  } finally {
    await kafka.close();
  }
}

const progress = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

const tellTrial = ({ member, number, size, score, pruned, seconds }: Trial): void => {
  progress(
    `search  ${member} trial ${number}: PR-AUC ${score.toFixed(3)} at size ${size}${pruned ? ', stopped early' : ''} (${seconds} s)`,
  );
};
