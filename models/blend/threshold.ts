/** From which probability on it pays to warn. */
import { at, sigmoid } from '../numbers/matrix.ts';

export interface Cost {
  /** Of a positive row without a warning. */
  readonly miss: number;
  /** Of a warning on a negative row. */
  readonly falseAlarm: number;
}

/**
 * For probabilities that are right, warning pays from falseAlarm ÷ (falseAlarm + miss) on (Elkan 2001). It depends
 * on no data and so cannot be overfitted.
 */
export const theoreticalThreshold = ({ miss, falseAlarm }: Cost): number => falseAlarm / (falseAlarm + miss);

/** Mean cost of a row when warning at or above `threshold`. */
export function meanCost(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  threshold: number,
  cost: Cost,
): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) {
    const warned = at(scores, i) >= threshold;
    if (warned && at(labels, i) !== 1) sum += cost.falseAlarm;
    if (!warned && at(labels, i) === 1) sum += cost.miss;
  }
  return sum / labels.length;
}

/** Mean cost of a row, in units of a false alarm, by the threshold from which on a warning is given. */
export function costCurve(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  cost: Cost,
): { readonly threshold: number; readonly cost: number }[] {
  return costThresholds.map((threshold) => ({
    threshold,
    cost: meanCost(probabilities, labels, threshold, cost) / cost.falseAlarm,
  }));
}

/** Evenly spread in log-odds: low thresholds are where rare and dear targets are decided. */
const costThresholds = Array.from({ length: 49 }, (_, i) => Number(sigmoid((i - 24) / 4).toPrecision(4)));
