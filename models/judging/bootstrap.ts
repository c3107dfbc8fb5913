/**
 * Estimates the uncertainty of a figure by a block bootstrap (Künsch 1989): complete groups (heats, files) are drawn
 * again with replacement, because rows of one group are not independent. The figure is computed for each draw.
 */
import { at } from '../numbers/matrix.ts';
import { SeededRandom } from '../../base/random.ts';

/** The middle 90 % of the draws; null where there are fewer than two groups, or no draw has a figure. */
export type Between = readonly [low: number, high: number] | null;

export interface Blocks {
  readonly groups: number;
  /** The group of each row, 0 … groups − 1. */
  readonly of: Uint32Array;
  /** The number of times that each group is in each draw. */
  readonly draws: readonly Uint16Array[];
}

const draws = 200;

/** Draws groups. Use the same draws for all contenders, so that differences between them are over the same rows. */
export function drawBlocks(group: ArrayLike<number>, seed: number): Blocks {
  const index = new Map<number, number>();
  const of = Uint32Array.from({ length: group.length }, (_, row) => {
    const known = index.get(at(group, row)) ?? index.size;
    index.set(at(group, row), known);
    return known;
  });
  const random = new SeededRandom(seed, 'bootstrap');
  const counted = Array.from({ length: index.size < 2 ? 0 : draws }, () => {
    const counts = new Uint16Array(index.size);
    for (let i = 0; i < index.size; i += 1) {
      const drawn = random.below(index.size);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    return counts;
  });
  return { groups: index.size, of, draws: counted };
}

export function middle(values: readonly number[]): Between {
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  if (sorted.length === 0) return null;
  const quantile = (share: number): number => at(sorted, Math.round(share * (sorted.length - 1)));
  return [quantile(0.05), quantile(0.95)];
}
