/** Collects rows of 32-bit floats: it appends them in chunks and gathers them into one shared matrix at the end. */
import type { Matrix } from '../numbers/matrix.ts';

export interface RowStore {
  /** @throws RangeError when the row does not have `columns` numbers. */
  push(row: ArrayLike<number>): void;
  /** Copies these rows, in this order, into memory that worker threads share. */
  gather(rows: readonly number[]): Matrix;
}

const rowsPerChunk = 1024;

export function createRowStore(columns: number): RowStore {
  const chunks: Float32Array[] = [];
  let count = 0;
  return {
    push(row) {
      if (row.length !== columns)
        throw new RangeError(`a row has ${row.length} numbers; it must have ${columns}`);
      const place = count % rowsPerChunk;
      if (place === 0) chunks.push(new Float32Array(rowsPerChunk * columns));
      chunks.at(-1)?.set(row, place * columns);
      count += 1;
    },
    gather(rows) {
      const data = new Float32Array(new SharedArrayBuffer(rows.length * columns * 4));
      rows.forEach((row, index) => {
        const start = (row % rowsPerChunk) * columns;
        const chunk = chunks[Math.floor(row / rowsPerChunk)];
        if (chunk !== undefined) data.set(chunk.subarray(start, start + columns), index * columns);
      });
      return { rows: rows.length, columns, data };
    },
  };
}
