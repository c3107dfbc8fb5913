/**
 * Statistics of one tag over one window. Two passes, so that a large level does not eat the small spread
 * (Chan, Golub and LeVeque 1983); the slope is an ordinary least-squares fit on the scans' real times.
 */
import type { Statistic, Tag } from '../../processes/schema.ts';
import type { Scans } from './scans.ts';

/** A window on the grid: the periods `from` to `to` (exclusive). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The values that one tag has in a span, oldest first, and their times in seconds from the span's end. */
export class Samples {
  readonly values: Float64Array;
  readonly seconds: Float64Array;
  /** The period of each. */
  readonly slots: Float64Array;
  count = 0;

  constructor(capacity: number) {
    this.values = new Float64Array(capacity);
    this.seconds = new Float64Array(capacity);
    this.slots = new Float64Array(capacity);
  }

  collect(scans: Scans, tag: number, { from, to }: Span): void {
    const { capacity, period } = scans.shape;
    const end = to * period;
    const base = tag * capacity;
    let count = 0;
    let place = scans.placeOf(from);
    for (let slot = from; slot < to; slot++) {
      if (scans.slots[place] === slot) {
        const value = scans.values[base + place] ?? NaN;
        if (value === value) {
          this.values[count] = value;
          this.seconds[count] = ((scans.times[place] ?? NaN) - end) / 1_000;
          this.slots[count] = slot;
          count++;
        }
      }
      if (++place === capacity) place = 0;
    }
    this.count = count;
  }
}

/** Everything that the statistics are made of. */
export interface Summary {
  readonly count: number;
  readonly last: number;
  readonly mean: number;
  readonly spread: number;
  readonly slope: number;
  readonly min: number;
  readonly max: number;
}

const nothing: Summary = { count: 0, last: NaN, mean: NaN, spread: NaN, slope: NaN, min: NaN, max: NaN };

export function summarise(samples: Samples): Summary {
  const { values, seconds, count } = samples;
  if (count === 0) return nothing;
  let [sum, time, min, max] = [0, 0, Infinity, -Infinity];
  for (let index = 0; index < count; index++) {
    const value = values[index] ?? NaN;
    sum += value;
    time += seconds[index] ?? NaN;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const [mean, middle] = [sum / count, time / count];
  let [squares, timeSquares, products] = [0, 0, 0];
  for (let index = 0; index < count; index++) {
    const deviation = (values[index] ?? NaN) - mean;
    const offset = (seconds[index] ?? NaN) - middle;
    squares += deviation * deviation;
    timeSquares += offset * offset;
    products += deviation * offset;
  }
  return {
    count,
    last: values[count - 1] ?? NaN,
    mean,
    spread: count > 1 ? Math.sqrt(squares / (count - 1)) : NaN,
    slope: timeSquares > 0 ? products / timeSquares : NaN,
    min,
    max,
  };
}

/** NaN where nothing is known. Units: the tag's; slope per second; outOfBand in seconds; missing a share. */
export function statisticOf(
  statistic: Statistic,
  summary: Summary,
  samples: Samples,
  tag: Tag,
  span: Span,
  period: number,
): number {
  switch (statistic) {
    case 'range':
      return summary.max - summary.min;
    case 'outOfBand':
      return summary.count === 0 ? NaN : (outside(samples, tag.normal) * period) / 1_000;
    case 'missing':
      return 1 - summary.count / (span.to - span.from);
    case 'last':
    case 'mean':
    case 'spread':
    case 'slope':
    case 'min':
    case 'max':
      return summary[statistic];
  }
}

function outside({ values, count }: Samples, [low, high]: readonly [number, number]): number {
  let outside = 0;
  for (let index = 0; index < count; index++) {
    const value = values[index] ?? NaN;
    if (value < low || value > high) outside++;
  }
  return outside;
}

/** Pearson's correlation over the scans where both are known; NaN below three, or when one stands still. */
export function correlation(a: Samples, b: Samples): number {
  let [count, sumA, sumB] = [0, 0, 0];
  eachPair(a, b, (x, y) => {
    count++;
    sumA += x;
    sumB += y;
  });
  if (count < 3) return NaN;
  const [meanA, meanB] = [sumA / count, sumB / count];
  let [squaresA, squaresB, products] = [0, 0, 0];
  eachPair(a, b, (x, y) => {
    squaresA += (x - meanA) ** 2;
    squaresB += (y - meanB) ** 2;
    products += (x - meanA) * (y - meanB);
  });
  const scale = Math.sqrt(squaresA * squaresB);
  return scale > 0 ? Math.max(-1, Math.min(1, products / scale)) : NaN;
}

function eachPair(a: Samples, b: Samples, visit: (x: number, y: number) => void): void {
  let at = 0;
  for (let index = 0; index < a.count; index++) {
    const slot = a.slots[index] ?? NaN;
    while (at < b.count && (b.slots[at] ?? NaN) < slot) at++;
    if (at < b.count && b.slots[at] === slot) visit(a.values[index] ?? NaN, b.values[at] ?? NaN);
  }
}
