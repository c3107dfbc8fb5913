/** The model card: what it was trained on, how it was judged, and how well it does, for programs and for people. */
import { malformedText, type Malformed } from '../telemetry/malformed.ts';
import type { Effort } from './members.ts';
import type { CalibrationBin, Score } from './judge.ts';

/** Judged on rows that the judged models did not learn from. */
export interface Judgement {
  readonly rows: number;
  readonly positives: number;
  /** The ensemble first, then its members, then the baselines. */
  readonly scores: readonly Score[];
  /** The middle 90 % of the ensemble's ROC-AUC by block bootstrap. */
  readonly rocAucInterval: readonly [number, number];
  /** By the true probability, on generated data. */
  readonly bestAttainable: Score | null;
  readonly calibration: readonly CalibrationBin[];
}

export interface Card {
  readonly process: string;
  readonly title: string;
  readonly target: string;
  readonly data: {
    readonly id: string;
    readonly featureSet: string;
    readonly from: string;
    readonly until: string;
    readonly rows: number;
    readonly positives: number;
    readonly assets: number;
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
  readonly calibration: string;
  readonly threshold: { readonly value: number; readonly miss: number; readonly falseAlarm: number };
  readonly interval: { readonly coverage: number; readonly measured: number };
  /** Cross-validated: members, weights and calibration of each fold's rows were fitted on the others. */
  readonly crossValidated: Judgement;
  /** The very bundle on the last, untouched part; null where assets were left out by turns instead. */
  readonly heldOut: Judgement | null;
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
    `Judged by: ${card.plan}. Nothing is split at random row by row.`,
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
    `Calibration: ${card.calibration}. Warns from ${number(card.threshold.value)} on, since a miss costs ${card.threshold.miss} and a false alarm ${card.threshold.falseAlarm}. The interval is stated at ${percent(card.interval.coverage)} and measured at ${percent(card.interval.measured)}, fitted on half of the groups and checked on the other half.`,
    '## What it looks at most',
    table(
      ['feature', 'mean contribution, log-odds'],
      card.features.map(({ title, strength }) => [title, number(strength)]),
    ),
    `Made with ${Object.entries(card.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
  ].join('\n\n')}\n`;
}

/** A member that got no weight is named, with the reason. */
const weightless = ({ members }: Card): string[] =>
  members
    .filter(({ weight }) => weight === 0)
    .map(
      ({ name }) =>
        `${name} has no weight: on rows that no member had seen, every blend with it had a higher log loss than the rest alone. It is asked and shown all the same, and speaks when the rest cannot.`,
    );

function judgementText(title: string, judgement: Judgement): string {
  const { scores, bestAttainable, rocAucInterval, calibration } = judgement;
  const rows = [...scores, ...(bestAttainable === null ? [] : [bestAttainable])];
  const share = shareOfAttainable(judgement);
  return [
    `## ${title}`,
    `${judgement.rows} rows, ${judgement.positives} with the target. ROC-AUC of the ensemble between ${number(rocAucInterval[0])} and ${number(rocAucInterval[1])} (90 %, block bootstrap over groups).${share === undefined ? '' : ` That is ${percent(share)} of the way from guessing to the best attainable.`}`,
    table(
      [
        '',
        'ROC-AUC',
        'PR-AUC',
        'Brier',
        'log loss',
        'F1',
        'precision',
        'recall',
        'false alarm rate',
        'cost per row',
      ],
      rows.map((score) => [
        score.name,
        number(score.rocAuc),
        number(score.prAuc),
        number(score.brier),
        number(score.logLoss),
        number(score.warning?.f1),
        number(score.warning?.precision),
        number(score.warning?.recall),
        number(score.warning?.falseAlarmRate),
        number(score.warning?.cost),
      ]),
    ),
    table(
      ['predicted', 'observed', 'rows'],
      calibration.map((bin) => [number(bin.predicted), number(bin.observed), String(bin.rows)]),
    ),
  ].join('\n\n');
}

const number = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : value.toFixed(3);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const settingsText = (settings: Readonly<Record<string, number>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
