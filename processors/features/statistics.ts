/**
 * Statistics of one tag over one window. They take two passes, so that rounding at a large mean does not spoil a small
 * spread (Chan, Golub and LeVeque 1983). The slope is an ordinary least-squares fit on the scans' real times.
 */
import type { Statistic, Tag } from '../../processes/schema.ts';
import type { Baseline } from './baseline.ts';
import type { ScanFrame } from './frame.ts';

/** The values of one tag in one window. */
export interface Samples {
  readonly frame: ScanFrame;
  /** Index of the tag in the definition. */
  readonly tag: number;
  /** Index of the first scan of the frame that is in the window. */
  readonly start: number;
}

/** The figures that statistics are made of, in the tag's unit; NaN where nothing is known. */
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

/** @param moments whether to compute spread and slope; without it they are NaN */
export function summarise(samples: Samples, moments = true): Summary {
  const { frame, tag } = samples;
  const { values } = frame;
  const column = frame.columnOf(tag);
  const end = column + frame.count;
  let count = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  let last = NaN;
  for (let at = column + samples.start; at < end; at++) {
    const value = values[at] ?? NaN;
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
  const { frame, start, tag } = samples;
  if (count < frame.count - start) return momentsWithGaps(samples, count, mean);
  const { values, seconds } = frame;
  const column = frame.columnOf(tag);
  const { middle, timeSquares } = frame.times(start);
  let squares = 0;
  let products = 0;
  for (let index = start; index < frame.count; index++) {
    const deviation = (values[column + index] ?? NaN) - mean;
    squares += deviation * deviation;
    products += deviation * ((seconds[index] ?? NaN) - middle);
  }
  return { squares, timeSquares, products };
}

/** As `momentsOf`, for windows with missing values: the times of missing values do not count. */
function momentsWithGaps({ frame, start, tag }: Samples, count: number, mean: number): Moments {
  const { values, seconds } = frame;
  const column = frame.columnOf(tag);
  const valueAt = (index: number): number => values[column + index] ?? NaN;
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
 * Units: the tag's unit; for slope the tag's unit per second; outOfBand in seconds; missing a share, 0 to 1; deviation in
 * spreads of the baseline; spreadRatio a ratio.
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

function outside({ frame, start, tag }: Samples, [low, high]: readonly [number, number]): number {
  const column = frame.columnOf(tag);
  let count = 0;
  for (let index = start; index < frame.count; index++) {
    const value = frame.values[column + index] ?? NaN;
    if (value < low || value > high) count++;
  }
  return count;
}

/** Pearson's correlation over the scans where both values are known; NaN below three scans, or when a tag is constant. */
export function correlation(a: Samples, b: Samples): number {
  const { values, count: scans } = a.frame;
  const columnA = a.frame.columnOf(a.tag);
  const columnB = a.frame.columnOf(b.tag);
  let count = 0;
  let sumA = 0;
  let sumB = 0;
  for (let index = a.start; index < scans; index++) {
    const x = values[columnA + index] ?? NaN;
    const y = values[columnB + index] ?? NaN;
    if (Number.isNaN(x + y)) continue;
    count++;
    sumA += x;
    sumB += y;
  }
  if (count < 3) return NaN;
  const meanA = sumA / count;
  const meanB = sumB / count;
  let squaresA = 0;
  let squaresB = 0;
  let products = 0;
  for (let index = a.start; index < scans; index++) {
    const x = (values[columnA + index] ?? NaN) - meanA;
    const y = (values[columnB + index] ?? NaN) - meanB;
    if (Number.isNaN(x + y)) continue;
    squaresA += x * x;
    squaresB += y * y;
    products += x * y;
  }
  const scale = Math.sqrt(squaresA * squaresB);
  return scale > 0 ? Math.max(-1, Math.min(1, products / scale)) : NaN;
}
