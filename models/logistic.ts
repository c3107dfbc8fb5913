/** Logistic regression with a ridge: the baseline that a boosted forest has to beat. Newton's method (IRLS). */
import { at, rowOf, sigmoid } from './matrix.ts';
import type { Matrix } from './matrix.ts';

export interface Logistic {
  readonly means: Float64Array;
  readonly scales: Float64Array;
  /** One a feature, and the intercept last. */
  readonly weights: Float64Array;
}

const [iterations, ridge] = [8, 1];

/** Features are standardised; a missing value counts as the mean. */
export function fitLogistic(features: Matrix, labels: ArrayLike<number>): Logistic {
  const { means, scales } = moments(features);
  const size = features.columns + 1;
  const weights = new Float64Array(size);
  const model: Logistic = { means, scales, weights };
  const row = new Float64Array(size);
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const hessian = new Float64Array(size * size);
    const gradient = new Float64Array(size);
    for (let i = 0; i < features.rows; i += 1) {
      standardise(model, rowOf(features, i), row);
      const p = sigmoid(dot(weights, row));
      const [error, curve] = [p - at(labels, i), Math.max(1e-6, p * (1 - p))];
      for (let a = 0; a < size; a += 1) {
        const xa = at(row, a);
        gradient[a] = at(gradient, a) + error * xa;
        const scaled = curve * xa;
        for (let b = 0; b <= a; b += 1)
          hessian[a * size + b] = at(hessian, a * size + b) + scaled * at(row, b);
      }
    }
    for (let a = 0; a < size; a += 1) {
      hessian[a * size + a] = at(hessian, a * size + a) + ridge;
      gradient[a] = at(gradient, a) + (a === size - 1 ? 0 : ridge * at(weights, a));
    }
    const step = solve(hessian, gradient);
    step.forEach((value, a) => {
      weights[a] = at(weights, a) - value;
    });
  }
  return model;
}

export function predictLogistic(model: Logistic, features: Matrix): Float64Array {
  const row = new Float64Array(features.columns + 1);
  return Float64Array.from({ length: features.rows }, (_, i) => {
    standardise(model, rowOf(features, i), row);
    return sigmoid(dot(model.weights, row));
  });
}

function moments({ rows, columns, data }: Matrix): { means: Float64Array; scales: Float64Array } {
  const means = new Float64Array(columns);
  const scales = new Float64Array(columns);
  for (let column = 0; column < columns; column += 1) {
    let [count, mean, squares] = [0, 0, 0];
    for (let i = 0; i < rows; i += 1) {
      const value = at(data, i * columns + column);
      if (!Number.isFinite(value)) continue;
      count += 1;
      const delta = value - mean;
      mean += delta / count;
      squares += delta * (value - mean);
    }
    means[column] = mean;
    scales[column] = count > 1 && squares > 0 ? Math.sqrt(squares / (count - 1)) : 1;
  }
  return { means, scales };
}

function standardise({ means, scales }: Logistic, values: Float32Array, into: Float64Array): void {
  for (let column = 0; column < values.length; column += 1) {
    const z = (at(values, column) - at(means, column)) / at(scales, column);
    into[column] = Number.isFinite(z) ? Math.max(-10, Math.min(10, z)) : 0;
  }
  into[values.length] = 1;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += at(a, i) * at(b, i);
  return sum;
}

/** x of A·x = b by Cholesky; A symmetric and positive definite, its lower half given, both overwritten. */
function solve(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  for (let j = 0; j < n; j += 1) {
    for (let i = j; i < n; i += 1) {
      let sum = at(a, i * n + j);
      for (let k = 0; k < j; k += 1) sum -= at(a, i * n + k) * at(a, j * n + k);
      a[i * n + j] = i === j ? Math.sqrt(Math.max(1e-12, sum)) : sum / at(a, j * n + j);
    }
  }
  for (let i = 0; i < n; i += 1) {
    let sum = at(b, i);
    for (let k = 0; k < i; k += 1) sum -= at(a, i * n + k) * at(b, k);
    b[i] = sum / at(a, i * n + i);
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = at(b, i);
    for (let k = i + 1; k < n; k += 1) sum -= at(a, k * n + i) * at(b, k);
    b[i] = sum / at(a, i * n + i);
  }
  return b;
}
