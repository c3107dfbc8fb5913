/**
 * Which rows may learn and which may judge. A group (a heat, a file, a day) is never on both sides; rows whose
 * windows reach into the other side are left out (embargo); nothing is drawn at random row by row.
 */
import { at } from '../numbers/matrix.ts';
import { createRandom } from '../numbers/seeded-random.ts';

export interface Split {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/** What a split must know of each row. */
export interface RowPlaces {
  /** Event time, ms. */
  readonly time: Float64Array;
  /** Whose history it is; windows never reach from one asset into another. */
  readonly asset: ArrayLike<number>;
  /** Number of its group. Groups of one asset follow each other in time. */
  readonly group: ArrayLike<number>;
}

/**
 * Whole groups by turns: ordered by the time they start, cut into `folds` runs of about equal row counts when they
 * follow each other, or dealt out when many run side by side (`interleave`).
 * @param rows the rows to split; @param embargo ms, the longest window.
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
 * Rows that are in no order, dealt out at random so that each fold has its share of every stratum.
 * @param stratum of each row of the data set.
 */
export function stratifiedFolds(
  stratum: ArrayLike<number>,
  rows: Uint32Array,
  folds: number,
  seed: number,
): Split[] {
  const random = createRandom(seed, 'folds');
  const shuffled = random.shuffle(rows.slice());
  const byStratum = shuffled.toSorted((a, b) => at(stratum, a) - at(stratum, b));
  const foldOf = new Map(Array.from(byStratum, (row, place) => [row, place % folds]));
  return Array.from({ length: folds }, (_, fold) => ({
    train: rows.filter((row) => foldOf.get(row) !== fold),
    test: rows.filter((row) => foldOf.get(row) === fold),
  })).filter(({ train, test }) => train.length > 0 && test.length > 0);
}

/** The last `share` of the time span judges; whole groups, and the rows before it learn. */
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

/** `rows` without those nearer than `embargo` to a row of `others` on the same asset. */
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

/** Between `time` and the nearest of the ascending `sorted`. */
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
