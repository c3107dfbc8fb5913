/**
 * Calibrates a score to a probability. Two methods compete: Platt's sigmoid (Platt 1999, with his smoothed targets)
 * and isotonic regression (pool adjacent violators, Ayer et al. 1955). The one with the lower log loss on rows that
 * neither saw is used.
 */
import { z } from 'zod';
import { ascending, at, logit, sigmoid, take } from '../numbers/matrix.ts';
import { logLoss } from '../numbers/score-metrics.ts';

export const calibrationSchema = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('platt'), slope: z.number(), intercept: z.number() }),
  /** `values[i]` at `scores[i]`, linear in between, constant beyond the ends. Both are ascending. */
  z.strictObject({
    method: z.literal('isotonic'),
    scores: z.array(z.number()).min(1),
    values: z.array(z.number()).min(1),
  }),
]);

export type Calibration = z.infer<typeof calibrationSchema>;
type Platt = Extract<Calibration, { method: 'platt' }>;
type Isotonic = Extract<Calibration, { method: 'isotonic' }>;

/** The calibrated probability of one score in 0 … 1. It never falls when the score rises. */
export function calibrate(calibration: Calibration, score: number): number {
  if (calibration.method === 'platt')
    return sigmoid(calibration.slope * logit(score) + calibration.intercept);
  return interpolate(calibration.scores, calibration.values, score);
}

/** @param group the group of each row; the method is chosen by cross-validation over groups */
export function fitCalibration(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  group: ArrayLike<number>,
): Calibration {
  const platt = crossFitLoss(fitPlatt, scores, labels, group);
  const isotonic = crossFitLoss(fitIsotonic, scores, labels, group);
  return (isotonic < platt ? fitIsotonic : fitPlatt)(scores, labels);
}

type Fit = (scores: ArrayLike<number>, labels: ArrayLike<number>) => Calibration;

function crossFitLoss(
  fit: Fit,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  group: ArrayLike<number>,
): number {
  const parts = 3;
  const all = Array.from({ length: labels.length }, (_, i) => i);
  let loss = 0;
  for (let part = 0; part < parts; part += 1) {
    const isOut = (i: number): boolean => at(group, i) % parts === part;
    const [out, inside] = [all.filter(isOut), all.filter((i) => !isOut(i))];
    if (out.length === 0 || inside.length === 0) continue;
    const fitted = fit(take(scores, inside), take(labels, inside));
    const calibrated = take(scores, out).map((score) => calibrate(fitted, score));
    loss += logLoss(calibrated, take(labels, out)) * out.length;
  }
  return loss / labels.length;
}

/**
 * Fits a logistic regression on the score's log-odds by Newton's method. Each step is halved until it lowers the loss
 * (Lin, Lin and Weng 2007): a full step diverges where scores are far too near 0 or 1. The slope is never negative.
 */
export function fitPlatt(scores: ArrayLike<number>, labels: ArrayLike<number>): Platt {
  const x = Float64Array.from({ length: scores.length }, (_, i) => logit(at(scores, i)));
  const targets = smoothedTargets(labels);
  let line: Line = { slope: 1, intercept: 0 };
  let loss = lossOf(line, x, targets);
  for (let iteration = 0; iteration < 50; iteration += 1) {
    const next = descend(line, loss, newtonStep(line, x, targets), x, targets);
    if (next === undefined) break;
    const gained = loss - next.loss;
    ({ line, loss } = next);
    if (gained < 1e-12 * x.length) break;
  }
  return { method: 'platt', slope: Math.max(0, line.slope), intercept: line.intercept };
}

interface Line {
  readonly slope: number;
  readonly intercept: number;
}

/** Platt's targets: a little above 0 and below 1; the fewer rows of a class, the further away. */
function smoothedTargets(labels: ArrayLike<number>): Float64Array {
  let positives = 0;
  for (let i = 0; i < labels.length; i += 1) positives += at(labels, i);
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (labels.length - positives + 2);
  return Float64Array.from({ length: labels.length }, (_, i) => (at(labels, i) === 1 ? high : low));
}

/** Cross-entropy, summed over the rows. */
function lossOf({ slope, intercept }: Line, x: Float64Array, targets: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i += 1) {
    const z = slope * (x[i] ?? 0) + intercept;
    sum += Math.max(z, 0) - z * (targets[i] ?? 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }
  return sum;
}

/** The step to the minimum of the parabola that approximates the loss. */
function newtonStep({ slope, intercept }: Line, x: Float64Array, targets: Float64Array): Line {
  let [g0, g1, h00, h01, h11] = [0, 0, 1e-9, 0, 1e-9];
  for (let i = 0; i < x.length; i += 1) {
    const xi = x[i] ?? 0;
    const p = sigmoid(slope * xi + intercept);
    const error = p - (targets[i] ?? 0);
    const curve = p * (1 - p);
    g0 += error * xi;
    g1 += error;
    h00 += curve * xi * xi;
    h01 += curve * xi;
    h11 += curve;
  }
  const determinant = h00 * h11 - h01 * h01;
  if (determinant <= 1e-12) return { slope: 0, intercept: 0 };
  return { slope: -(h11 * g0 - h01 * g1) / determinant, intercept: -(h00 * g1 - h01 * g0) / determinant };
}

function descend(
  line: Line,
  loss: number,
  step: Line,
  x: Float64Array,
  targets: Float64Array,
): { readonly line: Line; readonly loss: number } | undefined {
  for (let share = 1; share > 1e-10; share /= 2) {
    const tried = {
      slope: line.slope + share * step.slope,
      intercept: line.intercept + share * step.intercept,
    };
    const now = lossOf(tried, x, targets);
    if (now < loss) return { line: tried, loss: now };
  }
  return undefined;
}

/** Rows are first put into at most about this number of bins; finer steps are noise. Equal scores stay together. */
const mostBins = 1000;

/**
 * Fits non-decreasing steps by least squares, with a knot in the middle of each step. Each bin gets one extra row at
 * the overall rate, so that no probability is exactly 0 or 1.
 */
export function fitIsotonic(scores: ArrayLike<number>, labels: ArrayLike<number>): Isotonic {
  const blocks: { score: number; value: number; weight: number }[] = [];
  for (const start of binned(scores, labels)) {
    let block = start;
    for (let last = blocks.at(-1); last !== undefined && last.value >= block.value; last = blocks.at(-1)) {
      blocks.pop();
      const weight = last.weight + block.weight;
      block = {
        score: (last.score * last.weight + block.score * block.weight) / weight,
        value: (last.value * last.weight + block.value * block.weight) / weight,
        weight,
      };
    }
    blocks.push(block);
  }
  return {
    method: 'isotonic',
    scores: blocks.map(({ score }) => score),
    values: blocks.map(({ value }) => value),
  };
}

function binned(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
): { score: number; value: number; weight: number }[] {
  const order = ascending(scores);
  const least = Math.max(5, Math.floor(order.length / mostBins));
  let positives = 0;
  for (let i = 0; i < labels.length; i += 1) positives += at(labels, i);
  const rate = positives / labels.length;
  const bins: { score: number; value: number; weight: number }[] = [];
  let [sumScore, sumLabel, count] = [0, 0, 0];
  order.forEach((row, rank) => {
    sumScore += at(scores, row);
    sumLabel += at(labels, row);
    count += 1;
    const next = order[rank + 1];
    const tie = next !== undefined && at(scores, next) === at(scores, row);
    if (next === undefined || (count >= least && !tie)) {
      bins.push({ score: sumScore / count, value: (sumLabel + rate) / (count + 1), weight: count + 1 });
      [sumScore, sumLabel, count] = [0, 0, 0];
    }
  });
  return bins;
}

/** Interpolates linearly between knots; constant beyond the ends. */
export function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  let high = xs.findIndex((knot) => knot >= x);
  if (high === -1) high = xs.length;
  if (high === 0) return at(ys, 0);
  if (high === xs.length) return at(ys, xs.length - 1);
  const [x0, x1, y0, y1] = [at(xs, high - 1), at(xs, high), at(ys, high - 1), at(ys, high)];
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}
