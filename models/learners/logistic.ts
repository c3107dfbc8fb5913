/**
 * Logistic regression with a ridge penalty, by Newton's method (IRLS): a baseline that a boosted forest has to beat.
 */
import { rowOf, sigmoid, type Matrix } from '../numbers/matrix.ts';

export interface Logistic {
  readonly means: Float64Array;
  readonly scales: Float64Array;
  /** One weight for each feature, then the intercept. */
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
      const [error, curve] = [p - (labels[i] ?? 0), Math.max(1e-6, p * (1 - p))];
      for (let a = 0; a < size; a += 1) {
        const xa = row[a] ?? 0;
        gradient[a] = (gradient[a] ?? 0) + error * xa;
        const scaled = curve * xa;
        for (let b = 0; b <= a; b += 1)
          hessian[a * size + b] = (hessian[a * size + b] ?? 0) + scaled * (row[b] ?? 0);
      }
    }
    for (let a = 0; a < size; a += 1) {
      hessian[a * size + a] = (hessian[a * size + a] ?? 0) + ridge;
      gradient[a] = (gradient[a] ?? 0) + (a === size - 1 ? 0 : ridge * (weights[a] ?? 0));
    }
    const step = solve(hessian, gradient);
    step.forEach((value, a) => {
      weights[a] = (weights[a] ?? 0) - value;
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
      const value = data[i * columns + column] ?? 0;
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
    const z = ((values[column] ?? 0) - (means[column] ?? 0)) / (scales[column] ?? 0);
    into[column] = Number.isFinite(z) ? Math.max(-10, Math.min(10, z)) : 0;
  }
  into[values.length] = 1;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** Solves A·x = b by Cholesky. A is symmetric and positive definite; only its lower half is read. Overwrites both. */
function solve(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  for (let j = 0; j < n; j += 1) {
    for (let i = j; i < n; i += 1) {
      let sum = a[i * n + j] ?? 0;
      for (let k = 0; k < j; k += 1) sum -= (a[i * n + k] ?? 0) * (a[j * n + k] ?? 0);
      a[i * n + j] = i === j ? Math.sqrt(Math.max(1e-12, sum)) : sum / (a[j * n + j] ?? 0);
    }
  }
  for (let i = 0; i < n; i += 1) {
    let sum = b[i] ?? 0;
    for (let k = 0; k < i; k += 1) sum -= (a[i * n + k] ?? 0) * (b[k] ?? 0);
    b[i] = sum / (a[i * n + i] ?? 0);
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = b[i] ?? 0;
    for (let k = i + 1; k < n; k += 1) sum -= (a[k * n + i] ?? 0) * (b[k] ?? 0);
    b[i] = sum / (a[i * n + i] ?? 0);
  }
  return b;
}
