/** Computes the probability from which a warning pays off. */
import { at, sigmoid } from '../numbers/matrix.ts';

export interface Cost {
  /** Cost of a positive row without a warning. */
  readonly miss: number;
  /** Cost of a warning on a negative row. */
  readonly falseAlarm: number;
}

/**
 * With calibrated probabilities, a warning pays off from falseAlarm ÷ (falseAlarm + miss) (Elkan 2001). This depends
 * on no data, so it cannot be overfitted.
 */
export const theoreticalThreshold = ({ miss, falseAlarm }: Cost): number => falseAlarm / (falseAlarm + miss);

/** The mean cost of a row with a warning at or above `threshold`. */
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

/** The mean cost of a row, in units of a false alarm, for each threshold of the warning. */
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

/** Evenly spaced in log-odds, because rare and expensive targets need low thresholds. */
const costThresholds = Array.from({ length: 49 }, (_, i) => Number(sigmoid((i - 24) / 4).toPrecision(4)));
