import { join } from 'node:path';
import type { Command } from 'commander';
import { ensureParts } from '../../local/parts.ts';
import { bundlesFolder, writeChampion } from '../../models/bundle.ts';
import { collectDataset } from '../../models/collect.ts';
import { train } from '../../models/train.ts';
import { malformedText } from '../../telemetry/malformed.ts';
import { addHistoryOptions, openHistory, type HistoryFlags } from '../history.ts';
import { cellsOption, processOption } from '../options.ts';
import { openDefinition, type PlantFlags } from '../plant.ts';

interface Flags extends PlantFlags, HistoryFlags {
  readonly out?: string;
  readonly promote: boolean;
  readonly json: boolean;
}

export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .summary('train a model bundle from history')
    .description(
      'Makes features with the steps that serve, trains and judges the ensemble, and writes a bundle with its card.',
    )
    .addOption(processOption())
    .addOption(cellsOption());
  addHistoryOptions(command)
    .option('--out <folder>', "where the bundle's folder goes; models/bundles/<process> when left out")
    .option('--promote', 'make it the bundle to serve', false)
    .option('--json', 'say the result in JSON', false)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const definition = openDefinition(flags);
  if (process.env['CASTWATCH_XGBOOST'] === undefined) await ensureParts(['xgboost'], progress);
  const { source, truth } = await openHistory(definition, flags, 'training');
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
