/** Histograms over the bins that training chose, and the bin of a value. */
import { z } from 'zod';

/** How a value was distributed over the training rows. */
export interface Histogram {
  /** Upper ends (inclusive) of all bins but the last, ascending. */
  readonly edges: readonly number[];
  /** The share of each bin, then of missing values: `edges.length + 2` numbers that add up to 1. */
  readonly shares: readonly number[];
}

/** A binned row has one byte for each bin, and drift counts each bin in each hop of its window. */
export const mostBins = 128;

export const histogramSchema: z.ZodType<Histogram> = z
  .strictObject({ edges: z.array(z.number()).max(mostBins - 2), shares: z.array(z.number().min(0).max(1)) })
  .refine(
    ({ edges, shares }) => shares.length === edges.length + 2,
    'a histogram needs two shares more than edges',
  );

export const binsOf = ({ edges }: Histogram): number => edges.length + 2;

/** The number of bins that had training rows, and the bin for missing values. */
export const filledBinsOf = ({ edges, shares }: Histogram): number =>
  1 + shares.filter((share, bin) => share > 0 && bin <= edges.length).length;

/**
 * Returns the index of the value's bin. Models learn from features in single precision, so the value is rounded first: a
 * value on an edge must get the same bin in training and in serving.
 */
export function binOf({ edges }: Histogram, value: number): number {
  if (Number.isNaN(value)) return edges.length + 1;
  const single = Math.fround(value);
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] ?? Infinity) < single) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The next lower number in single precision. A frequent value of the training rows has a bin of its own: from the number
 * below it (exclusive) to the value itself.
 */
export function singleBelow(value: number): number {
  if (value === 0) return -(2 ** -149);
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  view.setInt32(0, view.getInt32(0) + (value > 0 ? -1 : 1));
  return view.getFloat32(0);
}
