/** Dense rows of numbers: the form in which data set, trainers and judges exchange features and sequences. */

/** `rows` × `columns` numbers, row by row; NaN means missing. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/** @throws RangeError when the data does not have `rows` × `columns` numbers. */
export function matrix(rows: number, columns: number, data = new Float32Array(rows * columns)): Matrix {
  if (data.length !== rows * columns) {
    throw new RangeError(
      `a matrix of ${rows} × ${columns} needs ${rows * columns} numbers; the data has ${data.length}`,
    );
  }
  return { rows, columns, data };
}

/** The rows of `source` named by `indices`, in that order. */
export function takeRows(source: Matrix, indices: ArrayLike<number>): Matrix {
  const { columns, data } = source;
  const taken = new Float32Array(indices.length * columns);
  for (let row = 0; row < indices.length; row += 1) {
    const from = at(indices, row) * columns;
    taken.set(data.subarray(from, from + columns), row * columns);
  }
  return { rows: indices.length, columns, data: taken };
}

/** The columns of `source` named by `indices`, in that order. */
export function takeColumns(source: Matrix, indices: Uint32Array): Matrix {
  const data = new Float32Array(source.rows * indices.length);
  let next = 0;
  for (let row = 0; row < source.rows; row += 1)
    for (const column of indices) data[next++] = source.data[row * source.columns + column] ?? NaN;
  return { rows: source.rows, columns: indices.length, data };
}

/** One row, as a view. */
export function rowOf(source: Matrix, row: number): Float32Array {
  return source.data.subarray(row * source.columns, (row + 1) * source.columns);
}

/**
 * Reads `values[index]`. Hot loops read `values[index] ?? 0` instead: this function is shared and sees every kind of
 * array, which makes it several times slower.
 * @throws RangeError when the index is outside, which is a bug
 */
export function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`index ${index} of ${values.length}`);
  return value;
}

/** The numbers of `values` at `indices`. */
export function take(values: ArrayLike<number>, indices: ArrayLike<number>): Float64Array {
  const taken = new Float64Array(indices.length);
  for (let i = 0; i < indices.length; i += 1) taken[i] = at(values, at(indices, i));
  return taken;
}

/** The indices 0 … n−1 in ascending order of `values`; equal values in order of index. */
export function ascending(values: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(values.length);
  for (let i = 0; i < order.length; i += 1) order[i] = i;
  return order.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
}

export const sigmoid = (x: number): number =>
  x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));

/** The log-odds of `p`, which is first limited to 1e-7 … 1 − 1e-7. */
export function logit(p: number): number {
  const kept = Math.min(1 - 1e-7, Math.max(1e-7, p));
  return Math.log(kept / (1 - kept));
}
