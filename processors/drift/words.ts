/** Says in plant words where a distribution has moved: "mould level spread over 15 s: 31 % of values above 1.12 mm, usually 10 %". */
import { percent } from '../../base/text.ts';
import { singleBelow, type Histogram } from '../reference/histogram.ts';

export interface Named {
  readonly title: string;
  readonly unit: string;
  readonly histogram: Histogram;
}

/** @param bin the bin that adds most to the index, @param share of the live values in it, 0 to 1 */
export function movedText({ title, unit, histogram }: Named, bin: number, share: number): string {
  const usual = histogram.shares[bin] ?? 0;
  return `${title}: ${inPercent(share)} of values ${where(histogram, unit, bin)}, usually ${inPercent(usual)}`;
}

function where({ edges }: Histogram, unit: string, bin: number): string {
  if (bin > edges.length) return 'missing';
  const [low, high] = [edges[bin - 1], edges[bin]];
  const suffix = unit === '' ? '' : ` ${unit}`;
  // A value with a bin of its own has an edge just below it, which people call by the value itself.
  const isJustBelow = (at: number): boolean => singleBelow(edges[at + 1] ?? NaN) === edges[at];
  const number = (at: number): string => {
    const edge = edges[isJustBelow(at) ? at + 1 : at] ?? NaN;
    return short(unit === '%' ? 100 * edge : edge);
  };
  if (low === undefined && high === undefined) return 'anywhere';
  if (low === undefined) return `${isJustBelow(bin) ? 'below' : 'up to'} ${number(bin)}${suffix}`;
  if (high === undefined) return `above ${number(bin - 1)}${suffix}`;
  if (isJustBelow(bin - 1)) return `at ${number(bin)}${suffix}`;
  return `between ${number(bin - 1)} and ${number(bin)}${suffix}`;
}

const short = (value: number): string => String(Number(value.toPrecision(3))).replace('-', '−');

/** 0.307 → "31 %", 0.004 → "0.4 %". */
const inPercent = (share: number): string => percent(share, share > 0 && share < 0.0095 ? 1 : 0);
