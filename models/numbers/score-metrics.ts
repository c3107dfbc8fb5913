/** Metrics of a set of probabilities. Labels are 0 or 1. Rows with equal scores count as one step. */
import { ascending, at } from './matrix.ts';

type Numbers = ArrayLike<number>;

/**
 * Area under the ROC curve: the chance that a positive row scores above a negative one, ties counting half
 * (Mann and Whitney, 1947). NaN when one class is absent.
 */
export function rocAuc(scores: Numbers, labels: Numbers): number {
  let positives = 0;
  let below = 0;
  let wins = 0;
  for (const { positive, negative } of steps(scores, labels)) {
    wins += positive * (below + negative / 2);
    positives += positive;
    below += negative;
  }
  return wins / (positives * below);
}

/**
 * Area under the precision-recall curve as average precision: Σ (recall gained) × precision, from the highest
 * score down. NaN without a positive row.
 */
export function prAuc(scores: Numbers, labels: Numbers): number {
  let found = 0;
  let flagged = 0;
  let sum = 0;
  for (const { positive, negative } of steps(scores, labels).reverse()) {
    found += positive;
    flagged += positive + negative;
    sum += positive * (found / flagged);
  }
  return sum / found;
}

/** Mean squared error of the probability (Brier, 1950). */
export function brier(probabilities: Numbers, labels: Numbers): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) sum += (at(probabilities, i) - at(labels, i)) ** 2;
  return sum / labels.length;
}

/** Mean of −ln(probability of the actual outcome), in nats. Probabilities are limited to 1e-7 … 1 − 1e-7. */
export function logLoss(probabilities: Numbers, labels: Numbers): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) {
    const p = Math.min(1 - 1e-7, Math.max(1e-7, at(probabilities, i)));
    sum -= at(labels, i) === 1 ? Math.log(p) : Math.log1p(-p);
  }
  return sum / labels.length;
}

export interface Confusion {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly trueNegative: number;
  readonly falseNegative: number;
}

/** A row is called positive when its score is at or above the threshold. */
export function confusion(scores: Numbers, labels: Numbers, threshold: number): Confusion {
  const counts = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0 };
  for (let i = 0; i < labels.length; i += 1) {
    const right = at(scores, i) >= threshold === (at(labels, i) === 1);
    if (at(labels, i) === 1) counts[right ? 'truePositive' : 'falseNegative'] += 1;
    else counts[right ? 'trueNegative' : 'falsePositive'] += 1;
  }
  return counts;
}

/** Share of the positive calls that are right; 0 when there are no positive calls. */
export const precision = (c: Confusion): number => share(c.truePositive, c.truePositive + c.falsePositive);
/** Share of the positive rows that are called positive. */
export const recall = (c: Confusion): number => share(c.truePositive, c.truePositive + c.falseNegative);
/** Share of the negative rows that are called positive. */
export const falseAlarmRate = (c: Confusion): number =>
  share(c.falsePositive, c.falsePositive + c.trueNegative);
/** Harmonic mean of precision and recall. */
export const f1 = (c: Confusion): number =>
  share(2 * c.truePositive, 2 * c.truePositive + c.falsePositive + c.falseNegative);

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** The number of positive and negative rows for each score, in ascending order of score. */
function steps(scores: Numbers, labels: Numbers): { positive: number; negative: number }[] {
  const order = ascending(scores);
  const result: { positive: number; negative: number }[] = [];
  let last = Number.NaN;
  for (const index of order) {
    const score = at(scores, index);
    if (score !== last) result.push({ positive: 0, negative: 0 });
    last = score;
    const step = result.at(-1);
    if (step === undefined) continue;
    if (at(labels, index) === 1) step.positive += 1;
    else step.negative += 1;
  }
  return result;
}
