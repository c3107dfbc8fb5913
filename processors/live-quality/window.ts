/** Live quality over a window, in slices. The window is over the days on which labels became known. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { JudgedPrediction, LiveQuality } from '../../schemas/generated/types.ts';
import { add, count, emptyTally, figures, type Tally } from './tally.ts';

/** The most bundles of which a slice has counts. */
export const mostBundles = 32;

export interface QualitySlice {
  /** The end of the slice (inclusive), by the time when labels became known, ms. */
  readonly end: number;
  /** By bundle; the key '' is for labels without a prediction. */
  readonly tallies: Map<string, Tally>;
}

/**
 * Counts a judged label. A label that became known earlier than the one before it also counts in the open slice.
 * @param slices oldest first, the last one open; changed in place
 * @param evicted gets a reason for each bundle that had to be forgotten
 * @returns one report per bundle when this label ends a window; otherwise none
 */
export function countIn(
  slices: QualitySlice[],
  { hop, window, minimum }: ProcessDefinition['quality'],
  judged: JudgedPrediction,
  evicted: string[],
): readonly LiveQuality[] {
  const open = slices.at(-1);
  const end = Math.max(Math.ceil(judged.foundAt / hop) * hop, open?.end ?? -Infinity);
  let reports: readonly LiveQuality[] = [];
  if (open === undefined || end > open.end) {
    if (open !== undefined) reports = report(slices, judged.asset, open.end, window, minimum);
    const kept = slices.filter((slice) => slice.end > end - window);
    slices.splice(0, slices.length, ...kept, { end, tallies: new Map() });
  }
  const tallies = slices.at(-1)?.tallies ?? new Map<string, Tally>();
  if (!tallies.has(judged.bundle) && tallies.size >= mostBundles) forgetOldest(tallies, evicted);
  const tally = tallies.get(judged.bundle) ?? emptyTally();
  tallies.set(judged.bundle, tally);
  count(tally, judged);
  return reports;
}

function forgetOldest(tallies: Map<string, Tally>, evicted: string[]): void {
  const [oldest] = [...tallies].sort(([, a], [, b]) => a.newest - b.newest);
  if (oldest !== undefined) tallies.delete(oldest[0]);
  evicted.push('BUNDLE');
}

function report(
  slices: readonly QualitySlice[],
  asset: string,
  end: number,
  window: number,
  minimum: number,
): readonly LiveQuality[] {
  const sums = new Map<string, Tally>();
  for (const { tallies } of slices)
    for (const [bundle, tally] of tallies) {
      const sum = sums.get(bundle) ?? emptyTally();
      sums.set(bundle, sum);
      add(sum, tally);
    }
  const newest = Math.max(...[...sums.values()].map((tally) => tally.newest));
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([bundle, tally]) => ({
      asset,
      eventTime: end,
      from: end - window,
      bundle,
      current: tally.newest === newest && newest > -Infinity,
      ...figures(tally, minimum),
    }));
}
