/** The numbers on a card: each model and baseline on rows that it did not learn from. */
import { at, take } from './matrix.ts';
import {
  brier,
  confusion,
  f1,
  falseAlarmRate,
  logLoss,
  prAuc,
  precision,
  recall,
  rocAuc,
} from './metrics.ts';
import { createRandom } from './random.ts';
import type { Cost } from './threshold.ts';
import { meanCost } from './threshold.ts';

export interface Score {
  readonly name: string;
  readonly rocAuc: number;
  readonly prAuc: number;
  /** Only of probabilities; null for plain scores. */
  readonly brier: number | null;
  readonly logLoss: number | null;
  /** When warning from the bundle's threshold on; null for plain scores. */
  readonly warning: Warning | null;
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

/** Of calibrated probabilities. */
export function scoreProbabilities(
  name: string,
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  threshold: number,
  cost: Cost,
): Score {
  const called = confusion(probabilities, labels, threshold);
  return {
    name,
    rocAuc: rocAuc(probabilities, labels),
    prAuc: prAuc(probabilities, labels),
    brier: brier(probabilities, labels),
    logLoss: logLoss(probabilities, labels),
    warning: {
      threshold,
      precision: precision(called),
      recall: recall(called),
      falseAlarmRate: falseAlarmRate(called),
      f1: f1(called),
      cost: meanCost(probabilities, labels, threshold, cost) / cost.falseAlarm,
    },
  };
}

/** Of scores that only order the rows. */
export const scoreRanking = (name: string, scores: ArrayLike<number>, labels: ArrayLike<number>): Score => ({
  name,
  rocAuc: rocAuc(scores, labels),
  prAuc: prAuc(scores, labels),
  brier: null,
  logLoss: null,
  warning: null,
});

const draws = 100;

/** The middle 90 % of ROC-AUC when whole groups are drawn again (block bootstrap). */
export function rocAucInterval(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  group: ArrayLike<number>,
  seed: number,
): readonly [number, number] {
  const random = createRandom(seed, 'bootstrap');
  const members = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i += 1) {
    const mine = members.get(at(group, i));
    if (mine === undefined) members.set(at(group, i), [i]);
    else mine.push(i);
  }
  const groups = [...members.values()];
  const results = Float64Array.from({ length: draws }, () => {
    const rows = groups.flatMap(() => groups[random.integer(groups.length)] ?? []);
    return rocAuc(take(scores, rows), take(labels, rows));
  })
    .filter((value) => !Number.isNaN(value))
    .sort();
  if (results.length === 0) return [0, 1];
  const quantile = (share: number): number => at(results, Math.round(share * (results.length - 1)));
  return [quantile(0.05), quantile(0.95)];
}

export interface CalibrationBin {
  readonly rows: number;
  readonly predicted: number;
  readonly observed: number;
}

/** Ten bins of equally many rows: what was predicted and what happened. */
export function calibrationBins(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
): CalibrationBin[] {
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
