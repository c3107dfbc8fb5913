/**
 * Calibrates a model's probabilities of several classes: softmax of slope × ln p + bias, with one bias for each class
 * (vector scaling with one slope; Guo et al. 2017). Without biases it is temperature scaling.
 */
import { z } from 'zod';
import { at } from '../numbers/matrix.ts';

export const classCalibrationSchema = z.strictObject({
  /** 1 ÷ temperature. */
  slope: z.number(),
  /** One for each class, in their order; they add up to 0. */
  bias: z.array(z.number()).min(2),
});

export type ClassCalibration = z.infer<typeof classCalibrationSchema>;

const least = 1e-7;

/** @param raw the probabilities of one row, by class */
export function calibrateClasses({ slope, bias }: ClassCalibration, raw: ArrayLike<number>): Float64Array {
  const scores = Float64Array.from(
    bias,
    (each, kind) => slope * Math.log(Math.max(least, at(raw, kind))) + each,
  );
  const highest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const shares = scores.map((score) => Math.exp(score - highest));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

/** Mean of −ln(probability of the actual class), in nats. @param probabilities [rows × classes] */
export function classLogLoss(
  probabilities: ArrayLike<number>,
  classOf: ArrayLike<number>,
  classes: number,
): number {
  let sum = 0;
  for (let row = 0; row < classOf.length; row += 1)
    sum -= Math.log(Math.max(least, at(probabilities, row * classes + at(classOf, row))));
  return sum / classOf.length;
}

const [steps, ridge] = [60, 1e-3];

/**
 * Newton's method on the log loss, with a small penalty on change from slope 1 and bias 0.
 * @param raw [rows × classes]
 */
export function fitClassCalibration(
  raw: ArrayLike<number>,
  classOf: ArrayLike<number>,
  classes: number,
): ClassCalibration {
  const size = classes + 1; // biases, and the slope last
  let parameters = new Float64Array(size);
  parameters[classes] = 1;
  const rows = classOf.length;
  const logs = Float64Array.from({ length: rows * classes }, (_, i) => Math.log(Math.max(least, at(raw, i))));
  for (let step = 0; step < steps; step += 1) {
    const gradient = parameters.map((value, i) => ridge * rows * (value - (i === classes ? 1 : 0)));
    const hessian = Float64Array.from({ length: size * size }, (_, i) =>
      i % (size + 1) === 0 ? ridge * rows : 0,
    );
    const calibration = asCalibration(parameters);
    for (let row = 0; row < rows; row += 1) {
      const x = logs.subarray(row * classes, (row + 1) * classes);
      const p = calibrateClasses(calibration, x.map(Math.exp));
      const mean = p.reduce((sum, share, kind) => sum + share * at(x, kind), 0);
      for (let a = 0; a < classes; a += 1) {
        const error = at(p, a) - (at(classOf, row) === a ? 1 : 0);
        add(gradient, a, error);
        add(gradient, classes, error * at(x, a));
        for (let b = 0; b < classes; b += 1)
          add(hessian, a * size + b, at(p, a) * ((a === b ? 1 : 0) - at(p, b)));
        const mixed = at(p, a) * (at(x, a) - mean);
        add(hessian, a * size + classes, mixed);
        add(hessian, classes * size + a, mixed);
        add(hessian, classes * size + classes, at(p, a) * at(x, a) * (at(x, a) - mean));
      }
    }
    const move = solved(hessian, gradient);
    parameters = parameters.map((value, i) => value - at(move, i));
    if (move.every((part) => Math.abs(part) < 1e-9)) break;
  }
  return asCalibration(parameters);
}

function asCalibration(parameters: Float64Array): ClassCalibration {
  const bias = Array.from(parameters.subarray(0, -1));
  const middle = bias.reduce((sum, each) => sum + each, 0) / bias.length;
  return { slope: at(parameters, parameters.length - 1), bias: bias.map((each) => each - middle) };
}

function add(values: Float64Array, index: number, value: number): void {
  values[index] = (values[index] ?? 0) + value;
}

/** Solves A·x = b by Gauss's elimination with pivots; overwrites both. */
function solved(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const value = (row: number, column: number): number => a[row * n + column] ?? 0;
  for (let pivot = 0; pivot < n; pivot += 1) {
    let best = pivot;
    for (let row = pivot + 1; row < n; row += 1)
      if (Math.abs(value(row, pivot)) > Math.abs(value(best, pivot))) best = row;
    for (let column = 0; column < n; column += 1) {
      const kept = value(pivot, column);
      a[pivot * n + column] = value(best, column);
      a[best * n + column] = kept;
    }
    const kept = b[pivot] ?? 0;
    b[pivot] = b[best] ?? 0;
    b[best] = kept;
    for (let row = pivot + 1; row < n; row += 1) {
      const share = value(row, pivot) / value(pivot, pivot);
      for (let column = pivot; column < n; column += 1)
        add(a, row * n + column, -share * value(pivot, column));
      add(b, row, -share * (b[pivot] ?? 0));
    }
  }
  for (let row = n - 1; row >= 0; row -= 1) {
    let sum = b[row] ?? 0;
    for (let column = row + 1; column < n; column += 1) sum -= value(row, column) * (b[column] ?? 0);
    b[row] = sum / value(row, row);
  }
  return b;
}
