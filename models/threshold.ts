/** From which probability on it pays to warn. */
import { ascending, at } from './matrix.ts';

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

/** The threshold, halfway between two scores, that costs least on these rows; the theoretical one without rows. */
export function cheapestThreshold(scores: ArrayLike<number>, labels: ArrayLike<number>, cost: Cost): number {
  const order = ascending(scores);
  let current = 0;
  for (let i = 0; i < labels.length; i += 1) if (at(labels, i) !== 1) current += cost.falseAlarm;
  let best = { cost: current, threshold: 0 };
  order.forEach((row, rank) => {
    // The threshold moves above this row: it is no longer warned of.
    current += at(labels, row) === 1 ? cost.miss : -cost.falseAlarm;
    const next = order[rank + 1];
    const score = at(scores, row);
    const above = next === undefined ? 1 : at(scores, next);
    if ((next === undefined || above > score) && current < best.cost) {
      best = { cost: current, threshold: (score + above) / 2 };
    }
  });
  return labels.length === 0 ? theoreticalThreshold(cost) : best.threshold;
}
