/** Says in plant words where a distribution has moved: "mould level spread over 15 s: 31 % of values above 1.12 mm, usually 10 %". */
import { percent } from '../../base/text.ts';
import type { Histogram } from '../reference/histogram.ts';

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
  const number = (value: number): string => short(unit === '%' ? 100 * value : value);
  const suffix = unit === '' ? '' : ` ${unit}`;
  if (low === undefined && high === undefined) return 'anywhere';
  if (low === undefined) return `up to ${number(high ?? NaN)}${suffix}`;
  if (high === undefined) return `above ${number(low)}${suffix}`;
  return `between ${number(low)} and ${number(high)}${suffix}`;
}

const short = (value: number): string => String(Number(value.toPrecision(3))).replace('-', '−');

/** 0.307 → "31 %", 0.004 → "0.4 %". */
const inPercent = (share: number): string => percent(share, share > 0 && share < 0.0095 ? 1 : 0);
