/** `evaluate`: judges a bundle on data that it has not seen, and writes the evaluation as JSON and as a page. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { percent } from '../../../base/text.ts';
import { loadBundle, type Bundle } from '../../../models/bundle/bundle.ts';
import { loadChampion } from '../../../models/bundle/champion-file.ts';
import { bundlesFolder } from '../../../models/bundle/champion-file.ts';
import { shareOfAttainable } from '../../../models/judging/judgement.ts';
import { number } from '../../../models/cards/number-text.ts';
import { leadText } from '../../../models/cards/judgement-words.ts';
import { verdicts } from '../../../models/cards/judgement-words.ts';
import { evaluationPage } from '../../../models/cards/evaluation-page.ts';
import { quantisedText } from '../../../models/cards/quantised-section.ts';
import {
  classHead,
  classRows,
  classVerdicts,
  confusionRows,
  partHead,
  partRows,
  warnOfText,
} from '../../../models/cards/class-text.ts';
import type { ClassEvaluation } from '../../../models/judging/class-evaluation.ts';
import { evaluate, type Evaluation } from '../../../models/judging/evaluation.ts';
import { isOffered } from '../../../models/judging/quantised-judgement.ts';
import { quantisedVariant, writeQuantised } from '../../../models/bundle/quantised-bundle.ts';
import { addHistoryOptions, type HistoryFlags } from '../../history/model-history.ts';
import { readDataset } from '../../history/read-dataset.ts';
import { cellsOption, processOption } from '../../options.ts';
import { openDefinition, type PlantFlags } from '../../../roles/open-definition.ts';

interface Flags extends PlantFlags, HistoryFlags {
  readonly bundle?: string;
  readonly data: readonly string[];
  readonly out?: string;
  readonly allowSeen: boolean;
  readonly json: boolean;
}

export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('evaluate a model bundle on data that it has not seen')
    .description(
      'Computes features with the same steps as the running pipeline, runs the bundle on them, and writes evaluation.json and evaluation.html. ' +
        'These files have all figures with their intervals, compared with baselines, and by asset, grade and kind of defect. ' +
        'For a target with classes, they begin with accuracy, macro-F1, the figures of each class, the confusion matrix and the calibration. ' +
        'Refuses data that the bundle was trained on.',
    )
    .addOption(processOption())
    .addOption(cellsOption())
    .option(
      '--bundle <bundle>',
      'folder of a bundle, or its id below models/bundles/<process>; default the champion',
    )
    .option(
      '--data <glob>',
      'files to evaluate on, quoted; may be given several times; default: simulated history',
      (text: string, before: readonly string[]) => [...before, text],
      [],
    );
  addHistoryOptions(command)
    .option('--out <folder>', 'folder for the results; default evaluations/<bundle>/<data set>')
    .option('--allow-seen', 'accept data that the bundle was trained on; the page says so', false)
    .option('--json', 'print the result as JSON', false)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const definition = openDefinition(flags);
  const bundle = openBundle(definition.process, flags.bundle);
  const file = [...flags.file, ...flags.data];
  const { dataset, truth } = await readDataset(definition, { ...flags, file }, 'evaluation', progress);
  const told = new Map<string, number>();
  const evaluation = await evaluate({
    definition,
    bundle,
    dataset,
    seed: flags.seed,
    allowSeen: flags.allowSeen,
    made: { command: commandLine(), commit: commit() },
    ...(truth && { truth }),
    onProgress: (what, share) => {
      if (share < (told.get(what) ?? 0) + 0.1 && share < 1) return;
      told.set(what, share);
      progress(`${percent(share, 0).padStart(5)}  ${what}`);
    },
  });
  const folder = flags.out ?? join('evaluations', bundle.manifest.bundle, dataset.id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'evaluation.json'), `${JSON.stringify(evaluation, null, 2)}\n`);
  writeFileSync(join(folder, 'evaluation.html'), evaluationPage(evaluation));
  const variant = offer(bundle, evaluation, folder);
  console.log(
    flags.json ? JSON.stringify(summary(evaluation, folder, variant)) : inWords(evaluation, folder, variant),
  );
}

/** Opens a bundle by its folder, or by its id among the shipped bundles. */
function openBundle(process: string, name: string | undefined): Bundle {
  if (name === undefined) return loadChampion(process);
  return loadBundle(/^[a-z0-9-]+$/.test(name) ? join(bundlesFolder, process, name) : name);
}

/** Writes the 8-bit variant when its judgement offers it. @returns its folder */
function offer(bundle: Bundle, { quantised: judged }: Evaluation, parent: string): string | undefined {
  const variant = judged !== null && isOffered(judged) ? quantisedVariant(bundle) : undefined;
  return variant && writeQuantised(parent, variant, judged);
}

const summary = (
  { bundle, data, seen, judgement, classes, quantised: judged }: Evaluation,
  folder: string,
  variant: string | undefined,
) => {
  const [ensemble] = judgement.scores;
  const { episodes, warned, before, byChance } = judgement.lead ?? {};
  const lead = judgement.lead && { episodes, warned, before, byChance };
  return {
    bundle,
    folder,
    data: data.id,
    seen,
    ...(classes && { classes }),
    ensemble,
    lead,
    quantised: judged && { ...judged, offered: variant ?? null },
  };
};

function inWords(
  { seen, judgement, classes, quantised: judged, interval, threshold }: Evaluation,
  folder: string,
  variant: string | undefined,
): string {
  const [ensemble, ...others] = judgement.scores;
  const row = (name: string, roc: number | undefined, pr: number | undefined): string =>
    `  ${name.padEnd(28)} ROC-AUC ${number(roc)}  PR-AUC ${number(pr)}`;
  const best = judgement.bestAttainable;
  const share = shareOfAttainable(judgement);
  return [
    ...(seen === null ? [] : [`The bundle was trained on this data, so all figures are too good: ${seen}.`]),
    ...(classes === undefined ? [] : classesInWords(classes)),
    `${judgement.rows} rows, ${percent(judgement.positives / judgement.rows)} with the target.`,
    row('ensemble', ensemble?.rocAuc, ensemble?.prAuc),
    ...others.map(({ name, rocAuc, prAuc }) => row(name, rocAuc, prAuc)),
    ...(best === null ? [] : [row('best attainable', best.rocAuc, best.prAuc)]),
    ...(share === undefined && judgement.advantage === null ? [] : verdicts(judgement)),
    ...(ensemble === undefined ? [] : [warningText(ensemble.warning, threshold)]),
    ...(judgement.lead === null ? [] : [leadText(judgement.lead)]),
    intervalText(interval),
    ...(judged === null ? [] : [quantisedText(judged)]),
    ...(variant === undefined
      ? []
      : [`The 8-bit variant is in ${variant}. It can be shadow or champion as any other bundle.`]),
    join(folder, 'evaluation.html'),
  ].join('\n');
}

const warningText = (
  { precision, recall, falseAlarmRate }: Evaluation['judgement']['scores'][number]['warning'],
  threshold: number,
): string =>
  `With its threshold of ${number(threshold)}, it warns of ${percent(recall)} of the rows with the target. ${percent(precision)} of its warnings are right. ${percent(falseAlarmRate)} of the rows without the target get a warning.`;

/** A measured coverage less than this below the stated one is normal, because data sets differ. */
const farBelow = 0.1;

const intervalText = ({ coverage, measured }: Evaluation['interval']): string =>
  `The stated coverage of a prediction's interval is ${percent(coverage)}; the measured coverage here is ${percent(measured)} of the rows.${
    measured < coverage - farBelow
      ? ' That is far less: this data differs from the training data of the bundle, or there is too little data. Do not rely on its probabilities here.'
      : ''
  }`;

function classesInWords({ judgement, warnOf }: ClassEvaluation): string[] {
  return [
    ...classVerdicts(judgement),
    ...aligned([classHead, ...classRows(judgement)]),
    '',
    ...aligned([partHead, ...partRows(judgement)]),
    '',
    'Actual class (rows) and called class (columns):',
    ...aligned([['', ...judgement.names], ...confusionRows(judgement)]),
    '',
    'Probability of the called class, and the share of right calls, in bins of equal size:',
    ...aligned([
      ['predicted', 'right', 'rows'],
      ...judgement.calibration.map((bin) => [number(bin.predicted), number(bin.observed), String(bin.rows)]),
    ]),
    '',
    warnOfText(warnOf),
  ];
}

/** Makes each column as wide as its widest cell. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}

const commandLine = (): string => ['npm run evaluate --', ...process.argv.slice(3).map(quoted)].join(' ');
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`);

/** The commit of the repository, with a note when files have changed; null outside a repository. */
function commit(): string | null {
  const git = (...words: string[]): string =>
    execFileSync('git', words, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no').trim() !== '';
    return `${git('rev-parse', '--short=12', 'HEAD').trim()}${changed ? ' with changes' : ''}`;
  } catch {
    return null;
  }
}

const progress = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
