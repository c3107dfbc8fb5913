/**
 * Explains a forest's answer: each feature's part of the log-odds.
 *
 * `shapValues` is exact (path-dependent TreeSHAP, algorithm 2 of Lundberg, Erion and Lee 2018) and costs leaves ×
 * depth² per tree. `saabasValues` credits each split on the row's path with the change of the expected value (Saabas
 * 2014) and costs depth per tree. Both add up to the forest's log-odds minus its expected value.
 *
 * Arrays are read as `values[i] ?? 0`. A shared checked reader sees every kind of array, which makes it many times
 * slower.
 */
import { childOf, type Forest, type Tree } from './forest.ts';

/** A forest with the expected value of each node, which both methods need. */
export interface ExplainableForest {
  readonly forest: Forest;
  /** For each tree and node: the mean of the leaves below, weighted by cover. */
  readonly expected: readonly Float64Array[];
  /** Log-odds of the average training row. */
  readonly bias: number;
  readonly depth: number;
}

export function explainable(forest: Forest): ExplainableForest {
  const expected = forest.trees.map((tree) => {
    const means = new Float64Array(tree.left.length);
    fillMeans(tree, 0, means);
    return means;
  });
  const bias = expected.reduce((sum, means) => sum + (means[0] ?? 0), forest.base);
  return { forest, expected, bias, depth: Math.max(0, ...forest.trees.map((tree) => depthOf(tree, 0))) };
}

function fillMeans(tree: Tree, node: number, means: Float64Array): number {
  const [left, right] = [tree.left[node] ?? 0, tree.right[node] ?? 0];
  if (left < 0) return (means[node] = tree.leaf[node] ?? 0);
  const [coverLeft, coverRight] = [tree.cover[left] ?? 0, tree.cover[right] ?? 0];
  const sum = fillMeans(tree, left, means) * coverLeft + fillMeans(tree, right, means) * coverRight;
  return (means[node] = sum / (coverLeft + coverRight));
}

function depthOf(tree: Tree, node: number): number {
  const left = tree.left[node] ?? 0;
  return left < 0 ? 0 : 1 + Math.max(depthOf(tree, left), depthOf(tree, tree.right[node] ?? 0));
}

/** @param row one 32-bit float for each feature, NaN for missing */
export function saabasValues({ forest, expected }: ExplainableForest, row: Float32Array): Float64Array {
  const values = new Float64Array(forest.features);
  forest.trees.forEach((tree, index) => {
    const means = expected[index] ?? new Float64Array();
    let node = 0;
    while ((tree.left[node] ?? 0) >= 0) {
      const feature = tree.feature[node] ?? 0;
      const next = childOf(tree, node, row[feature] ?? 0);
      values[feature] = (values[feature] ?? 0) + (means[next] ?? 0) - (means[node] ?? 0);
      node = next;
    }
  });
  return values;
}

/** @param row one 32-bit float for each feature, NaN for missing */
export function shapValues({ forest, depth }: ExplainableForest, row: Float32Array): Float64Array {
  const values = new Float64Array(forest.features);
  const path = createPath(depth);
  for (const tree of forest.trees) walk({ tree, row, values, path }, 0, 0, 0, 1, 1, -1);
  return values;
}

/**
 * The unique features on the way down, one run of entries for each level. `zero` is the share of the training rows
 * that go this way when the feature is unknown, `one` says whether this row does, and `weight` has the weights of the
 * subsets by size.
 */
interface Path {
  readonly feature: Int32Array;
  readonly zero: Float64Array;
  readonly one: Float64Array;
  readonly weight: Float64Array;
}

function createPath(depth: number): Path {
  const size = ((depth + 2) * (depth + 3)) / 2;
  return {
    feature: new Int32Array(size),
    zero: new Float64Array(size),
    one: new Float64Array(size),
    weight: new Float64Array(size),
  };
}

interface Walk {
  readonly tree: Tree;
  readonly row: Float32Array;
  readonly values: Float64Array;
  readonly path: Path;
}

/**
 * @param from where the parent's run of entries begins
 * @param entries the length of that run
 * @param zero of the split that led here, as are `one` and `feature`
 */
function walk(
  visit: Walk,
  node: number,
  from: number,
  entries: number,
  zero: number,
  one: number,
  feature: number,
): void {
  const { tree, path } = visit;
  const start = from + entries;
  copy(path, from, start, entries);
  extend(path, start, entries, zero, one, feature);
  const left = tree.left[node] ?? 0;
  if (left < 0) addLeaf(visit, start, entries + 1, tree.leaf[node] ?? 0);
  else split(visit, node, start, entries + 1);
}

function addLeaf({ values, path }: Walk, start: number, length: number, leaf: number): void {
  for (let i = 1; i < length; i += 1) {
    const share =
      unwoundSum(path, start, length, i) * ((path.one[start + i] ?? 0) - (path.zero[start + i] ?? 0));
    const feature = path.feature[start + i] ?? 0;
    values[feature] = (values[feature] ?? 0) + share * leaf;
  }
}

function split(visit: Walk, node: number, start: number, entries: number): void {
  const { tree, row, path } = visit;
  const feature = tree.feature[node] ?? 0;
  let [zero, one, length] = [1, 1, entries];
  for (let i = 1; i < length; i += 1) {
    if ((path.feature[start + i] ?? 0) !== feature) continue;
    zero = path.zero[start + i] ?? 0;
    one = path.one[start + i] ?? 0;
    unwind(path, start, length, i);
    length -= 1;
    break;
  }
  const left = tree.left[node] ?? 0;
  const hot = childOf(tree, node, row[feature] ?? 0);
  const cold = hot === left ? (tree.right[node] ?? 0) : left;
  const share = zero / (tree.cover[node] ?? 0);
  walk(visit, hot, start, length, share * (tree.cover[hot] ?? 0), one, feature);
  walk(visit, cold, start, length, share * (tree.cover[cold] ?? 0), 0, feature);
}

/** Copies in a loop: the runs have only a few entries, for which a call of `copyWithin` costs more. */
function copy({ feature, zero, one, weight }: Path, from: number, to: number, entries: number): void {
  for (let i = 0; i < entries; i += 1) {
    feature[to + i] = feature[from + i] ?? 0;
    zero[to + i] = zero[from + i] ?? 0;
    one[to + i] = one[from + i] ?? 0;
    weight[to + i] = weight[from + i] ?? 0;
  }
}

function extend(path: Path, start: number, length: number, ofZero: number, ofOne: number, of: number): void {
  const { feature, zero, one, weight } = path;
  feature[start + length] = of;
  zero[start + length] = ofZero;
  one[start + length] = ofOne;
  weight[start + length] = length === 0 ? 1 : 0;
  for (let i = length - 1; i >= 0; i -= 1) {
    const w = weight[start + i] ?? 0;
    weight[start + i + 1] = (weight[start + i + 1] ?? 0) + (ofOne * w * (i + 1)) / (length + 1);
    weight[start + i] = (ofZero * w * (length - i)) / (length + 1);
  }
}

/** Removes entry `index` from a run of `length` entries. */
function unwind({ feature, zero, one, weight }: Path, start: number, length: number, index: number): void {
  const last = length - 1;
  const [ofOne, ofZero] = [one[start + index] ?? 0, zero[start + index] ?? 0];
  let next = weight[start + last] ?? 0;
  for (let i = last - 1; i >= 0; i -= 1) {
    const old = weight[start + i] ?? 0;
    if (ofOne === 0) {
      weight[start + i] = (old * length) / (ofZero * (last - i));
    } else {
      const now = (next * length) / ((i + 1) * ofOne);
      weight[start + i] = now;
      next = old - (now * ofZero * (last - i)) / length;
    }
  }
  for (let i = index; i < last; i += 1) {
    feature[start + i] = feature[start + i + 1] ?? 0;
    zero[start + i] = zero[start + i + 1] ?? 0;
    one[start + i] = one[start + i + 1] ?? 0;
  }
}

/** The sum of the weights that {@link unwind} would leave. */
function unwoundSum({ zero, one, weight }: Path, start: number, length: number, index: number): number {
  const last = length - 1;
  const [ofOne, ofZero] = [one[start + index] ?? 0, zero[start + index] ?? 0];
  let next = weight[start + last] ?? 0;
  let total = 0;
  for (let i = last - 1; i >= 0; i -= 1) {
    const old = weight[start + i] ?? 0;
    if (ofOne === 0) {
      total += (old * length) / (ofZero * (last - i));
    } else {
      const now = (next * length) / ((i + 1) * ofOne);
      total += now;
      next = old - (now * ofZero * (last - i)) / length;
    }
  }
  return total;
}
