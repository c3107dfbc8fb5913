/** The model card: what it was trained on, how it was judged, and how well it does, for programs and for people. */
import { malformedText, type Malformed } from '../../base/malformed.ts';
import type { Effort } from '../learners/members.ts';
import type { CalibrationBin, Score } from '../judging/figures.ts';
import {
  classHead,
  classRows,
  classVerdicts,
  confusionRows,
  partHead,
  partRows,
  warnOfText,
} from './class-text.ts';
import type { ClassJudgement } from '../judging/class-judgement.ts';
import type { Between } from '../judging/bootstrap.ts';
import type { Leaks } from '../judging/leaks.ts';
import type { Lead, LeadByChance } from '../judging/lead.ts';
import type { Curves } from '../judging/ranked.ts';
import type { Dropped } from '../learners/xgboost/feature-selection.ts';
import type { Slice } from '../judging/parts-of-rows.ts';

/** Judged on rows that the judged models did not learn from. */
export interface Judgement {
  readonly rows: number;
  readonly positives: number;
  /** Blocks of the bootstrap: pieces, files, or blocks of time. */
  readonly groups: number;
  /** The ensemble first, then its members, then the baselines. */
  readonly scores: readonly Score[];
  /** By the true probability, on generated data. */
  readonly bestAttainable: Score | null;
  /** The ensemble's figure less that of its best member. */
  readonly advantage: {
    readonly over: string;
    readonly prAuc: { readonly value: number; readonly between: Between };
    readonly rocAuc: { readonly value: number; readonly between: Between };
  } | null;
  readonly calibration: readonly CalibrationBin[];
  /** Mean distance of predicted and observed over the bins. */
  readonly calibrationError: number;
  readonly curves: readonly (Curves & { readonly name: string })[];
  readonly costs: readonly { readonly threshold: number; readonly cost: number }[];
  readonly slices: readonly Slice[];
  /** Null where rows are in no order. */
  readonly lead: Lead | null;
}

/** Which rows a card is about. */
export interface DatasetFacts {
  readonly id: string;
  readonly featureSet: string;
  /** ISO 8601. */
  readonly from: string;
  readonly until: string;
  readonly rows: number;
  readonly positives: number;
  readonly assets: number;
}

export interface Card {
  readonly process: string;
  readonly title: string;
  readonly target: string;
  readonly data: DatasetFacts & {
    readonly groups: number;
    readonly leftOut: Readonly<Record<string, number>>;
    /** What of the history could not be read; left out when all of it could. */
    readonly malformed?: Malformed;
  };
  readonly plan: string;
  readonly seed: number;
  readonly effort: Effort;
  readonly members: readonly {
    readonly name: string;
    readonly weight: number;
    readonly size: number;
    readonly settings: Readonly<Record<string, number>>;
  }[];
  /** What the trees were not given, and why; bundles made before there was a selection do not say. */
  readonly selection?: {
    readonly features: number;
    readonly folds: number;
    readonly dropped: readonly Dropped[];
  };
  readonly calibration: string;
  readonly threshold: { readonly value: number; readonly miss: number; readonly falseAlarm: number };
  readonly interval: { readonly coverage: number; readonly measured: number };
  /** Cross-validated: members, weights and calibration of each fold's rows were fitted on the others. */
  readonly crossValidated: Judgement;
  /** The very bundle on the last, untouched part; null where assets were left out by turns instead. */
  readonly heldOut: Judgement | null;
  /** What may know the label too well; left out on cards made before that was looked for. */
  readonly leaks?: Leaks & { readonly said: readonly string[] };
  /** Where the target has classes; the judgements above are then about those to warn of. */
  readonly classes?: {
    readonly warnOf: readonly string[];
    readonly crossValidated: ClassJudgement;
    readonly heldOut: ClassJudgement | null;
  };
  /** Mean |contribution| in log-odds over the training rows; strongest first. */
  readonly features: readonly { readonly title: string; readonly strength: number }[];
  readonly versions: Readonly<Record<string, string>>;
}

/** Share of the way from guessing (0.5) to the best attainable ROC-AUC; undefined without a known truth. */
export function shareOfAttainable({ scores, bestAttainable }: Judgement): number | undefined {
  const ensemble = scores[0];
  if (bestAttainable === null || ensemble === undefined) return undefined;
  return (ensemble.rocAuc - 0.5) / (bestAttainable.rocAuc - 0.5);
}

/** The card as Markdown. */
export function cardText(card: Card): string {
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

export const calibrationText = (card: Card): string =>
  `Calibration: ${card.calibration}. Warns from ${number(card.threshold.value)} on, since a miss costs ${card.threshold.miss} and a false alarm ${card.threshold.falseAlarm}. The interval is stated at ${percent(card.interval.coverage)} and measured at ${percent(card.interval.measured)}, fitted on half of the groups and checked on the other half.`;

export const madeWith = ({ versions }: Card): string =>
  `Made with ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.`;

/** What was dropped, and why. */
export function selectionText({ selection }: Card): string[] {
  if (selection === undefined) return [];
  const { features, folds, dropped } = selection;
  const names = dropped.map(({ feature, folds: times }) => `${feature} (${times})`);
  return [
    `Of ${features} features, ${dropped.length} were kept from the trees: within the training rows alone, a forest gained under 0.4 of an even share from each, and did no worse on groups that it had not seen when the feature was shuffled.${names.length === 0 ? '' : ` In brackets, in how many of the ${folds} folds the same was found: ${names.join(', ')}.`}`,
  ];
}

/** A member that got no weight is named, with the reason. */
export const weightless = ({ members }: Card): string[] =>
  members
    .filter(({ weight }) => weight === 0)
    .map(
      ({ name }) =>
        `${name} has no weight: on rows that no member had seen, every blend with it had a higher log loss than the rest alone. It is asked and shown all the same, and speaks when the rest cannot.`,
    );

/** What may know the label too well, or that nothing does. */
export function leakLines({ leaks }: Card): string[] {
  if (leaks === undefined) return [];
  if (leaks.said.length > 0) return leaks.said.map((text) => `Leak check: ${text}`);
  const best =
    leaks.best === null
      ? ''
      : `; the best, ${leaks.best.name}, has a ROC-AUC of ${number(leaks.best.rocAuc)}`;
  return [`Leak check: no feature alone tells the target${best}.`];
}

function classesText({ classes }: Card): string[] {
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
    ...(judgement.slices.length === 0 ? [] : [table(sliceHead, judgement.slices.map(sliceCells))]),
  ].join('\n\n');
}

/** What the figures come to, in sentences. */
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

/** In one sentence. */
export function leadText({ episodes, warned, before, seconds, beforeFound, byChance }: Lead): string {
  const found =
    beforeFound === null ? '' : ` The median warning came ${span(beforeFound)} before quality found it.`;
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
  seconds >= 0 ? `${span(seconds)} before the beginning` : `${span(-seconds)} after it`;

/** In whole seconds or minutes, or tenths of hours. */
function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export const sliceHead = [
  'part',
  'rows',
  'with the target',
  'ROC-AUC',
  'PR-AUC',
  'precision',
  'recall',
  'false alarm rate',
];

export const sliceCells = (slice: Slice): string[] => [
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
export const range = (between: Between, text: (value: number) => string = number): string =>
  between === null ? '' : ` (${text(between[0])} to ${text(between[1])})`;

export const number = (value: number | null | undefined): string =>
  value === null || value === undefined || Number.isNaN(value) ? '–' : value.toFixed(3);
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
export const settingsText = (settings: Readonly<Record<string, number>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
