/** Histograms over bins that training has cut, and how far two of them are apart. */

/** How a value was distributed over the training rows. The last share is that of missing values. */
export interface Histogram {
  /** Upper ends (inclusive) of all bins but the last, ascending. */
  readonly edges: readonly number[];
  /** Of each bin, then of missing values: `edges.length + 2` numbers that add up to 1. */
  readonly shares: readonly number[];
}

/** What live rows are compared with. */
export interface Reference {
  /** How many rows it was made of. */
  readonly rows: number;
  /** In the feature set's order. */
  readonly features: readonly Histogram[];
  /** Of assets that training knew well enough: each has levels of its own. */
  readonly assets?: Readonly<Record<string, readonly Histogram[]>> | undefined;
  /** Of the probability, as predicted of rows that the models had not seen. */
  readonly score: Histogram;
}

/** What rows of this asset are compared with: its own past, or that of all where training did not know it. */
export const featuresOf = ({ assets, features }: Reference, asset: string): readonly Histogram[] =>
  assets?.[asset] ?? features;

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

/** One byte per feature. */
export function binRow(reference: Reference, asset: string, values: readonly number[]): Buffer {
  const features = featuresOf(reference, asset);
  const bins = Buffer.allocUnsafe(features.length);
  for (let index = 0; index < features.length; index++) {
    const histogram = features[index];
    if (histogram !== undefined) bins[index] = binOf(histogram, values[index] ?? NaN);
  }
  return bins;
}

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
