/** Recordings of one thing under several names: files that overlap hold the same scans twice. */
import type { Dataset } from './labelled-dataset.ts';
import { at, rowOf } from '../numbers/matrix.ts';

/** Two assets with so many rows alike at the same moments recorded the same. */
const rowsAlike = 10;

/**
 * The group of each row, with the groups of assets joined that hold the same measurements at the same moments: apart,
 * a row could learn from its own copy. Two rows are alike when at least half of what both know is equal to the bit.
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

/** Every two rows of one moment; rows are in order of time, and those of a moment in order of asset. */
function forEachPair(time: Float64Array, visit: (a: number, b: number) => void): void {
  for (let a = 0; a < time.length; a += 1)
    for (let b = a + 1; b < time.length && time[b] === time[a]; b += 1) visit(a, b);
}

/** Stops at the first half of differences: rows of different things differ nearly everywhere. */
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
