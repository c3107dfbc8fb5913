/**
 * Computes how far a calibrated probability may be from the actual rate. Take rows with a probability of about p from
 * another data set of the same size: in `coverage` of the cases, their share of positive rows lies inside p ± half(p).
 * Complete groups are drawn (block bootstrap, Künsch 1989), because rows next to each other are not independent.
 */
import { z } from 'zod';
import { ascending, at } from '../numbers/matrix.ts';
import { interpolate } from './calibration.ts';
import { SeededRandom } from '../../base/random.ts';

export const intervalSchema = z.strictObject({
  /** The stated share of cases. */
  coverage: z.number().gt(0).lt(1),
  /** The measured share: fitted on half of the groups and checked on the other half, weighted by rows. */
  measured: z.number(),
  /** Ascending probabilities. */
  at: z.array(z.number()).min(1),
  /** The half width at each of `at`; linear in between. */
  half: z.array(z.number()).min(1),
});

export type Interval = z.infer<typeof intervalSchema>;

export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/**
 * @param doubt 0 … 1: the share of the row's inputs that is missing, repaired or unusual; 1 widens the interval to 0
 * … 1
 */
export function boundsOf(interval: Interval, probability: number, doubt: number): Bounds {
  const half = interpolate(interval.at, interval.half, probability);
  const lower = Math.max(0, probability - half);
  const upper = Math.min(1, probability + half);
  return { lower: lower * (1 - doubt), upper: upper + (1 - upper) * doubt };
}

const [bins, draws, halvings] = [8, 200, 20];

/** @param group the group of each row */
export function fitInterval(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  group: ArrayLike<number>,
  coverage: number,
  seed: number,
): Interval {
  const rows = Uint32Array.from({ length: labels.length }, (_, i) => i);
  const data = { probabilities, labels, group };
  const { at: points, half } = fit(data, rows, coverage, new SeededRandom(seed, 'interval'));
  // Few groups underestimate their own spread, so the interval is widened until it is right on the halvings.
  const wider = Math.max(1, quantile(misses(data, coverage, new SeededRandom(seed, 'widening')), coverage));
  const checked = misses(data, coverage, new SeededRandom(seed, 'measuring'));
  return {
    coverage,
    measured: shareUpTo(checked, wider),
    at: points,
    half: half.map((width) => Math.min(1, width * wider)),
  };
}

interface Data {
  readonly probabilities: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly group: ArrayLike<number>;
}

interface Fitted {
  readonly at: number[];
  readonly half: number[];
  /** Upper edge of each bin; the last is 1. */
  readonly edges: number[];
}

function fit(data: Data, rows: Uint32Array, coverage: number, random: SeededRandom): Fitted {
  const order = ascending(Float64Array.from(rows, (row) => at(data.probabilities, row)));
  const sorted = Float64Array.from(order, (i) => at(data.probabilities, at(rows, i)));
  const edges = Array.from({ length: bins }, (_, bin) =>
    bin === bins - 1
      ? 1
      : at(sorted, Math.min(sorted.length - 1, Math.floor(((bin + 1) / bins) * sorted.length))),
  ).filter((edge, bin, all) => bin === 0 || edge > at(all, bin - 1));

  const fitted: Fitted = { at: [], half: [], edges };
  const tables = tabulate(data, rows, edges);
  edges.forEach((_, bin) => {
    const counts = [...tables.values()].map((table) => table[bin] ?? { rows: 0, positive: 0, sum: 0 });
    const total = counts.reduce((sum, count) => sum + count.rows, 0);
    if (total === 0) return;
    fitted.at.push(counts.reduce((sum, count) => sum + count.sum, 0) / total);
    const positive = counts.reduce((sum, count) => sum + count.positive, 0);
    const spread = spreadOfRates(counts, coverage, random);
    fitted.half.push(
      positive === 0 || positive === total ? Math.max(spread, unseen(total, coverage)) : spread,
    );
  });
  return fitted;
}

interface Count {
  rows: number;
  positive: number;
  /** Sum of the probabilities. */
  sum: number;
}

/** Counts each group's rows by bin. */
function tabulate(data: Data, rows: Uint32Array, edges: readonly number[]): Map<number, Count[]> {
  const tables = new Map<number, Count[]>();
  for (const row of rows) {
    const group = at(data.group, row);
    const table = tables.get(group) ?? edges.map(() => ({ rows: 0, positive: 0, sum: 0 }));
    tables.set(group, table);
    const probability = at(data.probabilities, row);
    const count = table[edges.findIndex((edge) => probability <= edge)];
    if (count === undefined) continue;
    count.rows += 1;
    count.positive += at(data.labels, row);
    count.sum += probability;
  }
  return tables;
}

/**
 * The half width for a bin where all rows have the same label; drawing from these again would give 0. With a rate up
 * to this value, `rows` independent rows contain no positive one in at least 1 − `coverage` of the cases (Hanley and
 * Lippman-Hand, 1983: the rule of three).
 */
const unseen = (rows: number, coverage: number): number => 1 - (1 - coverage) ** (1 / rows);

/** The `coverage` quantile of |difference| between the positive shares of two draws with the same number of groups. */
function spreadOfRates(counts: readonly Count[], coverage: number, random: SeededRandom): number {
  const draw = (): number => {
    let [rows, positive] = [0, 0];
    for (let i = 0; i < counts.length; i += 1) {
      const count = counts[random.below(counts.length)];
      rows += count?.rows ?? 0;
      positive += count?.positive ?? 0;
    }
    return rows === 0 ? Number.NaN : positive / rows;
  };
  const differences = Float64Array.from({ length: draws }, () => Math.abs(draw() - draw()))
    .filter((difference) => !Number.isNaN(difference))
    .sort();
  if (differences.length === 0) return 1;
  return at(differences, Math.min(differences.length - 1, Math.ceil(coverage * differences.length) - 1));
}

/** The distance of a bin's rate from the expected rate, in half widths, and the bin's number of rows. */
interface Miss {
  readonly halfWidths: number;
  readonly rows: number;
}

/** Halves the groups many times: fits on one half and checks on the other. */
function misses(data: Data, coverage: number, random: SeededRandom): Miss[] {
  const groups = Uint32Array.from(new Set(Array.from(data.group)));
  const all = Uint32Array.from({ length: data.labels.length }, (_, i) => i);
  const found: Miss[] = [];
  for (let halving = 0; halving < halvings && groups.length >= 2; halving += 1) {
    const chosen = new Set(random.shuffle(groups).subarray(0, groups.length >> 1));
    const isIn = (row: number): boolean => chosen.has(at(data.group, row));
    const fitted = fit(data, all.filter(isIn), coverage, random);
    const tables = [
      ...tabulate(
        data,
        all.filter((row) => !isIn(row)),
        fitted.edges,
      ).values(),
    ];
    fitted.edges.forEach((_, bin) => {
      const total = (kind: keyof Count): number =>
        tables.reduce((sum, table) => sum + (table[bin]?.[kind] ?? 0), 0);
      const rows = total('rows');
      if (rows === 0) return;
      const expected = total('sum') / rows;
      const half = interpolate(fitted.at, fitted.half, expected);
      found.push({ halfWidths: Math.abs(total('positive') / rows - expected) / Math.max(half, 1e-9), rows });
    });
  }
  return found;
}

/** The number of half widths that contains `share` of the rows. */
function quantile(found: readonly Miss[], share: number): number {
  const sorted = found.toSorted((a, b) => a.halfWidths - b.halfWidths);
  const wanted = share * found.reduce((sum, { rows }) => sum + rows, 0);
  let held = 0;
  for (const { halfWidths, rows } of sorted) {
    held += rows;
    if (held >= wanted) return halfWidths;
  }
  return 1;
}

function shareUpTo(found: readonly Miss[], halfWidths: number): number {
  const sum = (some: readonly Miss[]): number => some.reduce((total, { rows }) => total + rows, 0);
  return found.length === 0 ? 0 : sum(found.filter((miss) => miss.halfWidths <= halfWidths)) / sum(found);
}
