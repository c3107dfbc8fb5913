/** A histogram over bins that training has cut, and the bin that a value falls into. */
import { z } from 'zod';

/** How a value was distributed over the training rows. The last share is that of missing values. */
export interface Histogram {
  /** Upper ends (inclusive) of all bins but the last, ascending. */
  readonly edges: readonly number[];
  /** Of each bin, then of missing values: `edges.length + 2` numbers that add up to 1. */
  readonly shares: readonly number[];
}

export const histogramSchema: z.ZodType<Histogram> = z
  .strictObject({ edges: z.array(z.number()), shares: z.array(z.number().min(0).max(1)) })
  .refine(({ edges, shares }) => shares.length === edges.length + 2, 'there are two shares more than edges');

export const binsOf = ({ edges }: Histogram): number => edges.length + 2;

/** Features are learnt from in single precision: a value on an edge must fall on the same side when it is served. */
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
