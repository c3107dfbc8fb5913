/**
 * Statistics of one tag over one window. Two passes, so that a large level does not eat the small spread
 * (Chan, Golub and LeVeque 1983); the slope is an ordinary least-squares fit on the scans' real times.
 */
import type { Statistic, Tag } from '../../processes/schema.ts';
import type { Baseline } from './baseline.ts';
import type { Frame } from './frame.ts';
import type { Scans } from './scans.ts';

/** The values of one tag in one window. */
export interface Samples {
  readonly scans: Scans;
  readonly frame: Frame;
  /** Index of the tag in the definition. */
  readonly tag: number;
  /** First scan of the frame that lies in the window. */
  readonly start: number;
}

/** Everything that the statistics are made of; NaN where nothing is known. */
export interface Summary {
  readonly count: number;
  readonly last: number;
  readonly mean: number;
  /** Sample standard deviation. */
  readonly spread: number;
  /** Per second. */
  readonly slope: number;
  readonly min: number;
  readonly max: number;
}

const nothing: Summary = { count: 0, last: NaN, mean: NaN, spread: NaN, slope: NaN, min: NaN, max: NaN };

/** The statistics that need a second pass over the values. */
export const needsMoments: ReadonlySet<Statistic> = new Set(['spread', 'slope', 'spreadRatio']);

/** @param moments whether spread and slope are wanted; NaN without */
export function summarise(samples: Samples, moments = true): Summary {
  const { frame, start, scans, tag } = samples;
  const { values, width } = scans;
  const { places, count: end } = frame;
  let count = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  let last = NaN;
  for (let index = start; index < end; index++) {
    const value = values[(places[index] ?? 0) * width + tag] ?? NaN;
    if (value !== value) continue; // NaN: missing
    count++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
    last = value;
  }
  if (count === 0) return nothing;
  const mean = sum / count;
  const { squares, timeSquares, products } = moments ? momentsOf(samples, count, mean) : noMoments;
  const spread = count > 1 ? Math.sqrt(squares / (count - 1)) : NaN;
  const slope = timeSquares > 0 ? products / timeSquares : NaN;
  return { count, last, mean, spread, slope, min, max };
}

/** Sums of squares and products of the deviations of values and times from their means. */
interface Moments {
  readonly squares: number;
  readonly timeSquares: number;
  readonly products: number;
}

const noMoments: Moments = { squares: NaN, timeSquares: NaN, products: NaN };

function momentsOf(samples: Samples, count: number, mean: number): Moments {
  const { frame, start, scans, tag } = samples;
  if (count < frame.count - start) return momentsWithGaps(samples, count, mean);
  const { values, width } = scans;
  const { places, seconds } = frame;
  const { middle, timeSquares } = frame.times(start);
  let squares = 0;
  let products = 0;
  for (let index = start; index < frame.count; index++) {
    const deviation = (values[(places[index] ?? 0) * width + tag] ?? NaN) - mean;
    squares += deviation * deviation;
    products += deviation * ((seconds[index] ?? NaN) - middle);
  }
  return { squares, timeSquares, products };
}

/** Where a value is missing, its time does not count either. */
function momentsWithGaps({ frame, start, scans, tag }: Samples, count: number, mean: number): Moments {
  const { places, seconds } = frame;
  const valueAt = (index: number): number => scans.values[(places[index] ?? 0) * scans.width + tag] ?? NaN;
  let time = 0;
  for (let index = start; index < frame.count; index++) {
    const value = valueAt(index);
    if (value === value) time += seconds[index] ?? NaN;
  }
  const middle = time / count;
  let [squares, timeSquares, products] = [0, 0, 0];
  for (let index = start; index < frame.count; index++) {
    const deviation = valueAt(index) - mean;
    if (deviation !== deviation) continue;
    const offset = (seconds[index] ?? NaN) - middle;
    squares += deviation * deviation;
    timeSquares += offset * offset;
    products += deviation * offset;
  }
  return { squares, timeSquares, products };
}

/**
 * Units: the tag's; slope per second; outOfBand in seconds; missing a share; deviation in usual spreads; spreadRatio a ratio.
 * @param slots periods in the window
 * @param period ms
 */
export function statisticOf(
  statistic: Statistic,
  summary: Summary,
  samples: Samples,
  tag: Tag,
  slots: number,
  period: number,
  baseline?: Baseline,
): number {
  switch (statistic) {
    case 'range':
      return summary.max - summary.min;
    case 'outOfBand':
      return summary.count === 0 ? NaN : (outside(samples, tag.normal) * period) / 1_000;
    case 'missing':
      return 1 - summary.count / slots;
    case 'deviation':
      return baseline ? (summary.mean - baseline.meanOf(samples.tag)) / baseline.spreadOf(samples.tag) : NaN;
    case 'spreadRatio':
      return baseline ? summary.spread / baseline.spreadOf(samples.tag) : NaN;
    case 'last':
    case 'mean':
    case 'spread':
    case 'slope':
    case 'min':
    case 'max':
      return summary[statistic];
  }
}

function outside({ frame, start, scans, tag }: Samples, [low, high]: readonly [number, number]): number {
  let count = 0;
  for (let index = start; index < frame.count; index++) {
    const value = scans.values[(frame.places[index] ?? 0) * scans.width + tag] ?? NaN;
    if (value < low || value > high) count++;
  }
  return count;
}

/** Pearson's correlation over the scans where both are known; NaN below three, or when one stands still. */
export function correlation(a: Samples, b: Samples): number {
  const { frame, start, scans } = a;
  const { values, width } = scans;
  let [count, sumA, sumB] = [0, 0, 0];
  for (let index = start; index < frame.count; index++) {
    const base = (frame.places[index] ?? 0) * width;
    const [x, y] = [values[base + a.tag] ?? NaN, values[base + b.tag] ?? NaN];
    if (Number.isNaN(x + y)) continue;
    count++;
    sumA += x;
    sumB += y;
  }
  if (count < 3) return NaN;
  const [meanA, meanB] = [sumA / count, sumB / count];
  let [squaresA, squaresB, products] = [0, 0, 0];
  for (let index = start; index < frame.count; index++) {
    const base = (frame.places[index] ?? 0) * width;
    const x = (values[base + a.tag] ?? NaN) - meanA;
    const y = (values[base + b.tag] ?? NaN) - meanB;
    if (Number.isNaN(x + y)) continue;
    squaresA += x * x;
    squaresB += y * y;
    products += x * y;
  }
  const scale = Math.sqrt(squaresA * squaresB);
  return scale > 0 ? Math.max(-1, Math.min(1, products / scale)) : NaN;
}
