/** How far the live rows are from a reference: the population stability index, and what chance alone makes of it. */
import type { Histogram } from '../reference/histogram.ts';

/**
 * Population stability index: Σ (live − reference) × ln(live ÷ reference) over the bins, which is Jeffreys'
 * symmetric divergence (Jeffreys 1946; as an index for scorecards, Siddiqi, Credit Risk Scorecards, 2006).
 *
 * Half a row's share is put into each bin on both sides, so that an empty bin costs something and not everything.
 * @param counts live rows per bin
 * @param onBin told what each bin adds, and the live share in it
 */
export function stabilityIndex(
  counts: ArrayLike<number>,
  { shares }: Histogram,
  onBin?: (bin: number, adds: number, share: number) => void,
): number {
  const bins = shares.length;
  let total = 0;
  for (let bin = 0; bin < bins; bin++) total += counts[bin] ?? 0;
  if (total === 0) return NaN;
  const half = 0.5 / total;
  let index = 0;
  for (let bin = 0; bin < bins; bin++) {
    const share = (counts[bin] ?? 0) / total;
    const live = (share + half) / (1 + bins * half);
    const reference = ((shares[bin] ?? 0) + half) / (1 + bins * half);
    const adds = (live - reference) * Math.log(live / reference);
    onBin?.(bin, adds, share);
    index += adds;
  }
  return index;
}

/**
 * The index that is to be expected without any drift, of `independent` rows in `bins` bins: it is then
 * distributed as χ² with bins − 1 degrees of freedom, divided by the rows (Yurdakul, Statistical Properties of
 * Population Stability Index, 2018), the reference being so much larger that it does not count.
 */
export const indexByChance = (independent: number, bins: number): number =>
  independent > 0 ? (bins - 1) / independent : Infinity;
