/** Writes the model card as Markdown: `card.md` of a bundle. */
import { percent } from '../../base/text.ts';
import { malformedText } from '../../base/malformed.ts';
import type { ClassJudgement } from '../judging/class-judgement.ts';
import type { Judgement } from '../judging/judgement.ts';
import {
  classHead,
  classRows,
  classVerdicts,
  confusionRows,
  partHead,
  partRows,
  warnOfText,
} from './class-text.ts';
import { columns, leadText, partCells, partsHead, verdicts } from './judgement-words.ts';
import {
  calibrationText,
  leakLines,
  madeWith,
  selectionText,
  settingsText,
  weightless,
} from './model-card-words.ts';
import type { ModelCard } from './model-card.ts';
import { number } from './number-text.ts';

export function cardText(card: ModelCard): string {
  const { data } = card;
  const malformed = malformedText(data.malformed ?? {});
  const leftOut = Object.entries(data.leftOut).map(([reason, rows]) => `${rows} (${reason})`);
  return `${[
    `# ${card.title}: ${card.target}`,
    `Trained on data set \`${data.id}\`, feature set \`${data.featureSet}\`: ${data.rows} rows, ${percent(data.positives / data.rows)} with the target, of ${data.assets} assets, ${data.from} to ${data.until}. Left out: ${leftOut.join(', ') || 'nothing'}. Seed ${card.seed}.`,
    ...(malformed === undefined ? [] : [`Not readable in the history: ${malformed}.`]),
    `Judged by: ${card.plan}.`,
    ...leakLines(card),
    ...classesText(card),
    ...(card.heldOut === null ? [] : [judgementText('Held out (the very bundle)', card.heldOut)]),
    judgementText('Cross-validated', card.crossValidated),
    '## The ensemble',
    table(
      ['member', 'weight', 'size', 'settings'],
      card.members.map(({ name, weight, size, settings }) => [
        name,
        number(weight),
        String(size),
        settingsText(settings),
      ]),
    ),
    ...weightless(card),
    calibrationText(card),
    '## What it looks at most',
    table(
      ['feature', 'mean contribution, log-odds'],
      card.features.map(({ title, strength }) => [title, number(strength)]),
    ),
    ...selectionText(card),
    madeWith(card),
  ].join('\n\n')}\n`;
}

function classesText({ classes }: ModelCard): string[] {
  if (classes === undefined) return [];
  const told = (title: string, judgement: ClassJudgement): string[] => [
    `## Classes, ${title}`,
    classVerdicts(judgement).join(' '),
    table(classHead, classRows(judgement)),
    table(partHead, partRows(judgement)),
    'What it was, and what it was called:',
    table(['', ...judgement.names], confusionRows(judgement)),
  ];
  return [
    ...(classes.heldOut === null ? [] : told('held out', classes.heldOut)),
    ...told('cross-validated', classes.crossValidated),
    warnOfText(classes.warnOf),
  ];
}

function judgementText(title: string, judgement: Judgement): string {
  const { scores, bestAttainable, calibration } = judgement;
  const rows = [...scores, ...(bestAttainable === null ? [] : [bestAttainable])];
  return [
    `## ${title}`,
    [
      `${judgement.rows} rows, ${judgement.positives} with the target, in ${judgement.groups} groups. Under a figure: its middle 90 % when whole groups are drawn again.`,
      ...verdicts(judgement),
    ].join(' '),
    table(
      ['', ...columns.map(([head]) => head)],
      rows.map((score) => [score.name, ...columns.map(([, cell]) => cell(score))]),
    ),
    table(
      ['predicted', 'observed', 'rows'],
      calibration.map((bin) => [number(bin.predicted), number(bin.observed), String(bin.rows)]),
    ),
    ...(judgement.lead === null ? [] : [leadText(judgement.lead)]),
    ...(judgement.slices.length === 0 ? [] : [table(partsHead, judgement.slices.map(partCells))]),
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
