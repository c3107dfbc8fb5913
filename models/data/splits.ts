/**
 * Splits rows into those that train and those that judge. A group (a heat, a file, a day) is never on both sides.
 * Rows whose windows reach into the other side are left out (embargo). Rows that follow each other in time are not
 * drawn at random.
 */
import { at } from '../numbers/matrix.ts';
import { SeededRandom } from '../../base/random.ts';

export interface Split {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/** The facts of each row that a split needs. */
export interface RowPlaces {
  /** Event time, ms. */
  readonly time: Float64Array;
  /** Index of its asset. Windows never reach from one asset into another. */
  readonly asset: ArrayLike<number>;
  /** Index of its group. Groups of one asset follow each other in time. */
  readonly group: ArrayLike<number>;
}

/**
 * Makes folds of complete groups, ordered by their start time. Groups that follow each other are cut into `folds`
 * runs of about equal row counts. Groups that run in parallel are dealt out in turn (`interleave`).
 * @param rows the rows to split
 * @param embargo the longest window, ms
 */
export function groupFolds(
  places: RowPlaces,
  rows: Uint32Array,
  folds: number,
  embargo: number,
  interleave: boolean,
): Split[] {
  const groups = [...groupStarts(places, rows)].sort((a, b) => a.start - b.start || a.group - b.group);
  const total = rows.length;
  const foldOf = new Map<number, number>();
  let before = 0;
  groups.forEach(({ group, rows: count }, index) => {
    const run = Math.min(folds - 1, Math.floor(((before + count / 2) / total) * folds));
    foldOf.set(group, interleave ? index % folds : run);
    before += count;
  });
  return Array.from({ length: folds }, (_, fold) => {
    const test = rows.filter((row) => foldOf.get(at(places.group, row)) === fold);
    const train = rows.filter((row) => foldOf.get(at(places.group, row)) !== fold);
    return { train: withoutNeighbours(places, train, test, embargo), test };
  }).filter(({ train, test }) => train.length > 0 && test.length > 0);
}

/**
 * Deals out rows that are in no order at random, so that each fold has its share of every stratum.
 * @param stratum the stratum of each row of the data set
 */
export function stratifiedFolds(
  stratum: ArrayLike<number>,
  rows: Uint32Array,
  folds: number,
  seed: number,
): Split[] {
  const random = new SeededRandom(seed, 'folds');
  const shuffled = random.shuffle(rows.slice());
  const byStratum = shuffled.toSorted((a, b) => at(stratum, a) - at(stratum, b));
  const foldOf = new Map(Array.from(byStratum, (row, place) => [row, place % folds]));
  return Array.from({ length: folds }, (_, fold) => ({
    train: rows.filter((row) => foldOf.get(row) !== fold),
    test: rows.filter((row) => foldOf.get(row) === fold),
  })).filter(({ train, test }) => train.length > 0 && test.length > 0);
}

/** Holds out the last groups, with at least `share` of the rows, to judge on. The rows before them train. */
export function heldOutEnd(places: RowPlaces, rows: Uint32Array, share: number, embargo: number): Split {
  const groups = [...groupStarts(places, rows)].sort((a, b) => a.start - b.start || a.group - b.group);
  const late = new Set<number>();
  let count = 0;
  for (const item of groups.reverse()) {
    if (count >= share * rows.length) break;
    late.add(item.group);
    count += item.rows;
  }
  const test = rows.filter((row) => late.has(at(places.group, row)));
  const train = rows.filter((row) => !late.has(at(places.group, row)));
  return { train: withoutNeighbours(places, train, test, embargo), test };
}

/** Removes from `rows` those nearer than `embargo` ms to a row of `others` on the same asset. */
export function withoutNeighbours(
  places: RowPlaces,
  rows: Uint32Array,
  others: Uint32Array,
  embargo: number,
): Uint32Array {
  const times = new Map<number, Float64Array>();
  for (const asset of new Set(Array.from(others, (row) => at(places.asset, row)))) {
    const mine = others.filter((row) => at(places.asset, row) === asset);
    times.set(asset, Float64Array.from(mine, (row) => at(places.time, row)).sort());
  }
  return rows.filter((row) => {
    const sorted = times.get(at(places.asset, row));
    return sorted === undefined || distance(sorted, at(places.time, row)) >= embargo;
  });
}

/** The distance between `time` and the nearest of `sorted`, which is ascending. */
function distance(sorted: Float64Array, time: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(sorted, middle) < time) low = middle + 1;
    else high = middle;
  }
  const after = low < sorted.length ? at(sorted, low) - time : Number.POSITIVE_INFINITY;
  const before = low > 0 ? time - at(sorted, low - 1) : Number.POSITIVE_INFINITY;
  return Math.min(after, before);
}

function groupStarts(
  places: RowPlaces,
  rows: Uint32Array,
): Iterable<{ group: number; start: number; rows: number }> {
  const starts = new Map<number, { group: number; start: number; rows: number }>();
  for (const row of rows) {
    const group = at(places.group, row);
    const time = at(places.time, row);
    const known = starts.get(group);
    if (known === undefined) starts.set(group, { group, start: time, rows: 1 });
    else {
      known.start = Math.min(known.start, time);
      known.rows += 1;
    }
  }
  return starts.values();
}
