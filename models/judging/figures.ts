/** Computes the figures on a card: each model and baseline on rows that it did not learn from. */
import { middle, type Between, type Blocks } from './bootstrap.ts';
import { areas, rankRows, type Areas, type Ranked } from '../numbers/ranked-rows.ts';
import { at } from '../numbers/matrix.ts';
import { f1, falseAlarmRate, precision, recall } from '../numbers/score-metrics.ts';
import type { Ruling } from './judge-options.ts';

export interface Score {
  readonly name: string;
  readonly rocAuc: number;
  readonly prAuc: number;
  /** Recall at a false alarm rate of 1 % and of 5 %. */
  readonly recallAt1: number;
  readonly recallAt5: number;
  readonly brier: number;
  readonly logLoss: number;
  /** The figures of warnings from the bundle's threshold. */
  readonly warning: Warning;
  /** The middle 90 % when complete groups are drawn again. */
  readonly between: Readonly<Record<Measure, Between>>;
}

export interface Warning {
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
  readonly falseAlarmRate: number;
  readonly f1: number;
  /** Mean cost of a row, in units of a false alarm. */
  readonly cost: number;
}

export const measures = [
  'rocAuc',
  'prAuc',
  'f1',
  'recallAt1',
  'recallAt5',
  'brier',
  'logLoss',
  'cost',
] as const;
export type Measure = (typeof measures)[number];

/** A contender's calibrated probabilities, prepared for judging with any weighting of the groups. */
export interface Contestant {
  readonly name: string;
  readonly ranked: Ranked;
  /** Sums of each group, for figures that are sums over rows. */
  readonly tallies: readonly Tally[];
}

interface Tally {
  rows: number;
  brier: number;
  logLoss: number;
  truePositive: number;
  falsePositive: number;
  trueNegative: number;
  falseNegative: number;
}

const emptyTally = (): Tally => ({
  rows: 0,
  brier: 0,
  logLoss: 0,
  truePositive: 0,
  falsePositive: 0,
  trueNegative: 0,
  falseNegative: 0,
});

export function contestantOf(
  name: string,
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  blocks: Blocks,
  { threshold }: Ruling,
): Contestant {
  const tallies = Array.from({ length: blocks.groups }, emptyTally);
  for (let row = 0; row < labels.length; row += 1) {
    const tally = tallies[at(blocks.of, row)];
    if (tally === undefined) continue;
    const p = at(probabilities, row);
    const positive = at(labels, row) === 1;
    const kept = Math.min(1 - 1e-7, Math.max(1e-7, p));
    tally.rows += 1;
    tally.brier += (p - (positive ? 1 : 0)) ** 2;
    tally.logLoss -= positive ? Math.log(kept) : Math.log1p(-kept);
    if (p >= threshold) tally[positive ? 'truePositive' : 'falsePositive'] += 1;
    else tally[positive ? 'falseNegative' : 'trueNegative'] += 1;
  }
  return { name, ranked: rankRows(probabilities, labels), tallies };
}

type Figures = Omit<Score, 'name' | 'between'>;

/** @param weights how often each group counts; default once */
export function figuresOf(
  { ranked, tallies }: Contestant,
  blocks: Blocks,
  { threshold, cost }: Ruling,
  weights?: ArrayLike<number>,
): Figures {
  const sum = emptyTally();
  tallies.forEach((tally, group) => {
    const weight = weights === undefined ? 1 : at(weights, group);
    for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += weight * tally[key];
  });
  const { rocAuc, prAuc, recallAt }: Areas = areas(ranked, weights, blocks.of);
  return {
    rocAuc,
    prAuc,
    recallAt1: recallAt[0] ?? Number.NaN,
    recallAt5: recallAt[1] ?? Number.NaN,
    brier: sum.brier / sum.rows,
    logLoss: sum.logLoss / sum.rows,
    warning: {
      threshold,
      precision: precision(sum),
      recall: recall(sum),
      falseAlarmRate: falseAlarmRate(sum),
      f1: f1(sum),
      cost:
        (sum.falseNegative * cost.miss + sum.falsePositive * cost.falseAlarm) / cost.falseAlarm / sum.rows,
    },
  };
}

export const measureOf = (figure: Figures, measure: Measure): number =>
  measure === 'f1' || measure === 'cost' ? figure.warning[measure] : figure[measure];

export interface ScoredContestant {
  readonly score: Score;
  /** The figures of each draw of groups. */
  readonly drawn: readonly Figures[];
}

export function scoreContestant(contending: Contestant, blocks: Blocks, ruling: Ruling): ScoredContestant {
  const drawn = blocks.draws.map((weights) => figuresOf(contending, blocks, ruling, weights));
  const between = Object.fromEntries(
    measures.map((measure) => [measure, middle(drawn.map((figure) => measureOf(figure, measure)))]),
  ) as Record<Measure, Between>;
  return { score: { name: contending.name, ...figuresOf(contending, blocks, ruling), between }, drawn };
}

export interface ReliabilityBin {
  readonly rows: number;
  readonly predicted: number;
  readonly observed: number;
}

/** Cuts the rows into ten bins of equal size: the mean prediction and the observed rate of each. */
export function reliabilityBins(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
): ReliabilityBin[] {
  const order = Array.from({ length: labels.length }, (_, i) => i).sort(
    (a, b) => at(probabilities, a) - at(probabilities, b),
  );
  return Array.from({ length: 10 }, (_, bin) => {
    const rows = order.slice(
      Math.floor((bin * order.length) / 10),
      Math.floor(((bin + 1) * order.length) / 10),
    );
    const mean = (values: ArrayLike<number>): number =>
      rows.reduce((sum, row) => sum + at(values, row), 0) / Math.max(1, rows.length);
    return { rows: rows.length, predicted: mean(probabilities), observed: mean(labels) };
  }).filter(({ rows }) => rows > 0);
}

/** The expected calibration error: the mean distance of predicted and observed over the bins, weighted by rows. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
  return bins.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.predicted - bin.observed), 0) / rows;
}
