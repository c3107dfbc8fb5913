/**
 * Makes `reference.json` of a bundle: the distribution of its training rows, which the drift step compares live rows
 * with.
 */
import { binOf, singleBelow, type Histogram } from '../../processors/reference/histogram.ts';
import type { Reference } from '../../processors/reference/reference.ts';
import { at, type Matrix } from '../numbers/matrix.ts';

export const referenceFile = 'reference.json';

/** Each bin holds a tenth of the training rows. A value that a tenth of the rows or more have gets a bin of its own. */
const bins = 10;

/** Fewer rows are too few to describe one asset. */
const fewestRows = 1_000;

/** The asset of each row of the features. */
interface Assets {
  readonly of: ArrayLike<number>;
  readonly names: readonly string[];
}

/**
 * @param rows the rows of `features` that the bundle was trained on
 * @param scores the ensemble's probabilities of rows that its members had not seen
 * @param assets absent where each asset is one run of a test bed; lasting assets get histograms of their own
 */
export function makeReference(
  features: Matrix,
  rows: Uint32Array,
  scores: Float64Array,
  assets?: Assets,
): Reference {
  const histograms = (some: Uint32Array): readonly Histogram[] =>
    Array.from({ length: features.columns }, (_, column) =>
      histogramOf(Float64Array.from(some, (row) => at(features.data, row * features.columns + column))),
    );
  const own = (assets?.names ?? []).flatMap((name, index) => {
    const some = rows.filter((row) => assets?.of[row] === index);
    return some.length < fewestRows ? [] : [[name, histograms(some)] as const];
  });
  return {
    rows: rows.length,
    features: histograms(rows),
    ...(own.length > 0 && { assets: Object.fromEntries(own) }),
    score: histogramOf(scores),
  };
}

export function histogramOf(values: Float64Array): Histogram {
  // In single precision, as `binOf` sees them.
  const sorted = Float32Array.from(values.filter((value) => Number.isFinite(value))).sort();
  const highest = sorted.at(-1) ?? NaN;
  const cuts = Array.from(
    { length: bins - 1 },
    (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / bins)] ?? NaN,
  );
  const edges = [...new Set(cuts)].flatMap((cut) => {
    if (isFrequent(cut, sorted)) return [singleBelow(cut), cut];
    // An edge at the highest value would leave the last bin empty.
    return short(cut) < highest ? [short(cut)] : [];
  });
  return withShares(
    [...new Set(edges)].sort((a, b) => a - b),
    values,
  );
}

/**
 * Whether a tenth of the values or more, and at least two, are equal to this one. Such a value has an edge on either side. Otherwise no drift
 * would show when the lowest or the highest value is frequent and other values take its place.
 */
function isFrequent(value: number, sorted: Float32Array): boolean {
  const first = sorted.indexOf(value);
  const count = first < 0 ? 0 : sorted.lastIndexOf(value) + 1 - first;
  return count >= Math.max(2, sorted.length / bins);
}

function withShares(edges: readonly number[], values: Float64Array): Histogram {
  const counts = new Uint32Array(edges.length + 2);
  for (const value of values) {
    const bin = binOf({ edges, shares: [] }, value);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const shares = Array.from(counts, (count) => Number((count / Math.max(1, values.length)).toFixed(5)));
  return { edges, shares };
}

/** Six digits are enough to distinguish values and keep the file small. */
const short = (value: number): number => Number(value.toPrecision(6));
