import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { ensureParts } from '../../local/parts.ts';
import { bundlesFolder, writeChampion } from '../../models/bundle.ts';
import { collectDataset } from '../../models/collect.ts';
import { train, type Truth } from '../../models/train.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { createCsvSource } from '../../sources/csv/csv.ts';
import { createSimulator } from '../../sources/simulator/simulator.ts';
import type { Source } from '../../sources/source.ts';
import { CastwatchError } from '../../telemetry/errors.ts';
import { malformedText } from '../../telemetry/malformed.ts';
import { cellsOption, positive, positiveInteger, processOption } from '../options.ts';
import { openDefinition, type PlantFlags } from '../plant.ts';

interface Flags extends PlantFlags {
  readonly from?: 'simulator' | 'csv';
  readonly file: readonly string[];
  readonly minutes: number;
  readonly seed: number;
  readonly out?: string;
  readonly promote: boolean;
  readonly json: boolean;
}

/** Simulated history begins here unless the command says otherwise: the same seed is then the same history. */
const simulationStart = Date.UTC(2026, 0, 5);

export function addTrain(program: Command): void {
  program
    .command('train')
    .summary('train a model bundle from history')
    .description(
      'Makes features with the steps that serve, trains and judges the ensemble, and writes a bundle with its card.',
    )
    .addOption(processOption())
    .addOption(cellsOption())
    .addOption(
      new Option('--from <kind>', 'where the history comes from; csv when files are named').choices([
        'simulator',
        'csv',
      ]),
    )
    .option(
      '--file <glob>',
      'history files, quoted; may be given several times',
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option('--minutes <n>', 'of plant time to simulate', positive, 24 * 60)
    .option('--seed <n>', 'of the simulation and of the training', positiveInteger, 1)
    .option('--out <folder>', "where the bundle's folder goes; models/bundles/<process> when left out")
    .option('--promote', 'make it the bundle to serve', false)
    .option('--json', 'say the result in JSON', false)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const definition = openDefinition(flags);
  if (process.env['CASTWATCH_XGBOOST'] === undefined) await ensureParts(['xgboost'], progress);
  const { source, truth } = await openHistory(definition, flags);
  progress('reading history');
  const dataset = await collectDataset({ definition, records: source }).finally(() => {
    // told even where nothing is left to learn from
    const text = malformedText(source.malformed?.() ?? {});
    if (text !== undefined) progress(`not readable in the history: ${text}`);
  });
  const out = flags.out ?? join(bundlesFolder, definition.process);
  const { folder, card } = await train({
    definition,
    dataset,
    out,
    seed: flags.seed,
    ...(truth && { truth }),
    onProgress: (what, share) => {
      progress(`${String(Math.round(share * 100)).padStart(3)} %  ${what}`);
    },
  });
  const bundle = folder.slice(folder.lastIndexOf('/') + 1);
  if (flags.promote) writeChampion(out, bundle);
  const judged = card.heldOut ?? card.crossValidated;
  const ensemble = judged.scores[0];
  if (flags.json) {
    const malformed = card.data.malformed ?? {};
    const promoted = flags.promote;
    console.log(JSON.stringify({ bundle, folder, data: card.data.id, malformed, ensemble, promoted }));
  } else {
    console.log(
      `${folder}\nROC-AUC ${ensemble?.rocAuc.toFixed(3) ?? '–'}, PR-AUC ${ensemble?.prAuc.toFixed(3) ?? '–'} on ${judged.rows} rows that it did not learn from; card.md tells more.`,
    );
  }
}

const progress = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

interface History {
  readonly source: Source;
  /** Of simulated history. */
  readonly truth?: Truth;
}

async function openHistory(definition: ProcessDefinition, flags: Flags): Promise<History> {
  const kind = flags.from ?? (flags.file.length > 0 ? 'csv' : 'simulator');
  if (kind === 'csv') {
    if (flags.file.length === 0) {
      throw new CastwatchError('CONFIGURATION', 'Training from csv was given no files.', {
        remedy: "Name them with --file 'GLOB', quoted; it may be given several times.",
      });
    }
    return { source: await createCsvSource({ definition, files: flags.file }) };
  }
  const probabilities = new Map<string, number>();
  const source = createSimulator({
    definition,
    // Another stream than the one that `start` shows with the same number: nothing is shown that was learnt.
    seed: `training-${flags.seed}`,
    start: simulationStart,
    duration: flags.minutes * 60_000,
    onSpan: ({ asset, until, probability }) => {
      probabilities.set(`${asset} ${until}`, probability);
    },
  });
  return { source, truth: (asset, time) => probabilities.get(`${asset} ${time}`) };
}
