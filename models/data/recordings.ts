/** Finds recordings of the same thing under several names: files that overlap contain the same scans twice. */
import type { Dataset } from './labelled-dataset.ts';
import { at, rowOf } from '../numbers/matrix.ts';

/** Two assets with this number of equal rows at the same moments recorded the same thing. */
const rowsAlike = 10;

/**
 * The group of each row. Assets with the same measurements at the same moments are joined into one group; otherwise a
 * model could be judged on a copy of a row that it learnt from. Two rows are equal when at least half of the values
 * that both have are equal to the bit.
 */
export function joinCopies({ features, places, assets, groups }: Dataset): Uint32Array {
  const alike = new Map<number, number>();
  const leader = Array.from(groups.keys());
  const find = (group: number): number => {
    const next = at(leader, group);
    return next === group ? group : find(next);
  };
  forEachPair(places.time, (a, b) => {
    const [one, other] = [find(at(places.group, a)), find(at(places.group, b))];
    if (one === other || !areAlike(rowOf(features, a), rowOf(features, b))) return;
    const pair = at(places.asset, a) * assets.length + at(places.asset, b);
    const count = (alike.get(pair) ?? 0) + 1;
    alike.set(pair, count);
    if (count >= rowsAlike) leader[Math.max(one, other)] = Math.min(one, other);
  });
  return Uint32Array.from(places.group, find);
}

/** Visits every two rows of the same moment. Rows must be in order of time, then of asset. */
function forEachPair(time: Float64Array, visit: (a: number, b: number) => void): void {
  for (let a = 0; a < time.length; a += 1)
    for (let b = a + 1; b < time.length && time[b] === time[a]; b += 1) visit(a, b);
}

/** Stops when more than half of the values differ: rows of different things differ nearly everywhere. */
function areAlike(a: Float32Array, b: Float32Array): boolean {
  let [equal, different] = [0, 0];
  const most = a.length / 2;
  for (let i = 0; i < a.length && different <= most; i += 1) {
    const [x, y] = [a[i] ?? NaN, b[i] ?? NaN];
    if (x !== x || y !== y) continue;
    if (x === y) equal += 1;
    else different += 1;
  }
  return equal > 0 && equal >= different;
}
