/** The sentences and table cells of a judgement. The card's text, its page and the command line share them. */
import { percent, roundDuration } from '../../base/text.ts';
import type { Score } from '../judging/figures.ts';
import { shareOfAttainable, type Judgement } from '../judging/judgement.ts';
import type { Lead, LeadByChance } from '../judging/lead.ts';
import type { PartJudgement } from '../judging/parts-of-rows.ts';
import { number, range } from './number-text.ts';

/** Summarises the figures in sentences. */
export function verdicts(judgement: Judgement): string[] {
  const { advantage, scores } = judgement;
  const share = shareOfAttainable(judgement);
  const sentences: string[] = [];
  if (share !== undefined)
    sentences.push(
      `The ensemble's ROC-AUC is ${percent(share)} of the way from guessing to the best attainable.`,
    );
  if (advantage !== null && scores.length > 0) {
    const { value, between } = advantage.prAuc;
    const sure = between === null || (between[0] <= 0 && between[1] >= 0) ? ', which may be chance' : '';
    sentences.push(
      Math.abs(value) < 5e-4
        ? `By PR-AUC it is as good as its best member, ${advantage.over}.`
        : `By PR-AUC it is ${value > 0 ? 'better' : 'worse'} than its best member, ${advantage.over}, by ${signed(value)}${range(between, signed)}${sure}.`,
    );
  }
  return sentences;
}

export const columns: readonly (readonly [string, (score: Score) => string])[] = [
  ['ROC-AUC', ({ rocAuc, between }) => number(rocAuc) + range(between.rocAuc)],
  ['PR-AUC', ({ prAuc, between }) => number(prAuc) + range(between.prAuc)],
  ['F1', ({ warning, between }) => number(warning.f1) + range(between.f1)],
  ['precision', ({ warning }) => number(warning.precision)],
  ['recall', ({ warning }) => number(warning.recall)],
  ['false alarm rate', ({ warning }) => number(warning.falseAlarmRate)],
  ['recall at 1 % false alarms', ({ recallAt1 }) => number(recallAt1)],
  ['recall at 5 %', ({ recallAt5 }) => number(recallAt5)],
  ['Brier', ({ brier }) => number(brier)],
  ['log loss', ({ logLoss }) => number(logLoss)],
  ['cost per row', ({ warning, between }) => number(warning.cost) + range(between.cost)],
];

/** Describes the lead times in sentences. */
export function leadText({ episodes, warned, before, seconds, beforeFound, byChance }: Lead): string {
  const found =
    beforeFound === null
      ? ''
      : ` The median warning came ${roundDuration(1_000 * beforeFound)} before quality found it.`;
  const when =
    seconds === null
      ? ''
      : ` The first warning came ${early(seconds[1])} (middle 80 %: ${early(seconds[0])} to ${early(seconds[2])}).`;
  return `Of ${episodes} episodes of the target, ${warned} were warned of, ${before} of them before they began.${when}${found}${byChance === undefined ? '' : chanceText(byChance)}`;
}

function chanceText({ draws, warned, before, seconds }: LeadByChance): string {
  const told = ({ mean, between }: LeadByChance['warned']): string =>
    `${mean.toFixed(1)}${range(between, (value) => value.toFixed(0))}`;
  const when = seconds === null ? '' : `, the first warning ${early(seconds)}`;
  return ` By chance, with the same warnings of each asset moved round in time (${draws} draws), ${told(warned)} would be warned of, ${told(before)} of them before they began${when}.`;
}

const early = (seconds: number): string =>
  seconds >= 0
    ? `${roundDuration(1_000 * seconds)} before the beginning`
    : `${roundDuration(-1_000 * seconds)} after it`;

export const partsHead = [
  'part',
  'rows',
  'with the target',
  'ROC-AUC',
  'PR-AUC',
  'precision',
  'recall',
  'false alarm rate',
];

export const partCells = (slice: PartJudgement): string[] => [
  `${slice.by} ${slice.name}`,
  String(slice.rows),
  String(slice.positives),
  number(slice.rocAuc) + range(slice.rocAucBetween),
  number(slice.prAuc),
  number(slice.precision),
  number(slice.recall),
  number(slice.falseAlarmRate),
];

const signed = (value: number): string => (value < 0 ? '−' : '+') + number(Math.abs(value));
