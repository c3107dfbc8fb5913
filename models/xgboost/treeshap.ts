/**
 * Why a forest says what it says: each feature's part of the log-odds.
 *
 * `shapValues` is exact (path-dependent TreeSHAP, algorithm 2 of Lundberg, Erion and Lee 2018) and costs
 * leaves × depth² a tree; `saabasValues` credits each split on the row's own path with the change of the expected
 * value (Saabas 2014) and costs depth a tree. Both add up to the forest's log-odds less its expected value.
 */
import { at } from '../matrix.ts';
import { childOf } from './forest.ts';
import type { Forest, Tree } from './forest.ts';

/** A forest with the expected value of each node, which both ways need. */
export interface ExplainableForest {
  readonly forest: Forest;
  /** By tree, by node: the mean of the leaves below, weighted by cover. */
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
  const bias = expected.reduce((sum, means) => sum + at(means, 0), forest.base);
  return { forest, expected, bias, depth: Math.max(0, ...forest.trees.map((tree) => depthOf(tree, 0))) };
}

function fillMeans(tree: Tree, node: number, means: Float64Array): number {
  const [left, right] = [at(tree.left, node), at(tree.right, node)];
  if (left < 0) return (means[node] = at(tree.leaf, node));
  const [coverLeft, coverRight] = [at(tree.cover, left), at(tree.cover, right)];
  const sum = fillMeans(tree, left, means) * coverLeft + fillMeans(tree, right, means) * coverRight;
  return (means[node] = sum / (coverLeft + coverRight));
}

function depthOf(tree: Tree, node: number): number {
  const left = at(tree.left, node);
  return left < 0 ? 0 : 1 + Math.max(depthOf(tree, left), depthOf(tree, at(tree.right, node)));
}

/** @param row one value a feature, 32-bit floats, NaN missing. */
export function saabasValues({ forest, expected }: ExplainableForest, row: Float32Array): Float64Array {
  const values = new Float64Array(forest.features);
  forest.trees.forEach((tree, index) => {
    const means = expected[index] ?? new Float64Array();
    let node = 0;
    while (at(tree.left, node) >= 0) {
      const feature = at(tree.feature, node);
      const next = childOf(tree, node, at(row, feature));
      values[feature] = at(values, feature) + at(means, next) - at(means, node);
      node = next;
    }
  });
  return values;
}

/** @param row one value a feature, 32-bit floats, NaN missing. */
export function shapValues({ forest, depth }: ExplainableForest, row: Float32Array): Float64Array {
  const values = new Float64Array(forest.features);
  const path = createPath(depth);
  for (const tree of forest.trees)
    walk(tree, row, values, path, { node: 0, start: 0, length: 0, zero: 1, one: 1, feature: -1 });
  return values;
}

/**
 * The unique features on the way down, one run of entries a level: which share of the training rows goes on when
 * the feature is unknown (zero), whether this row does (one), and the weights of the subsets by size.
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

interface Visit {
  readonly node: number;
  /** Where the parent's run of entries begins, and how long it is. */
  readonly start: number;
  readonly length: number;
  readonly zero: number;
  readonly one: number;
  readonly feature: number;
}

function walk(tree: Tree, row: Float32Array, values: Float64Array, path: Path, visit: Visit): void {
  const start = visit.start + visit.length;
  for (const entries of [path.feature, path.zero, path.one, path.weight]) {
    entries.copyWithin(start, visit.start, start);
  }
  let length = visit.length;
  extend(path, start, length, visit);
  length += 1;

  const left = at(tree.left, visit.node);
  if (left < 0) {
    const leaf = at(tree.leaf, visit.node);
    for (let i = 1; i < length; i += 1) {
      const share = unwoundSum(path, start, length, i) * (at(path.one, start + i) - at(path.zero, start + i));
      const feature = at(path.feature, start + i);
      values[feature] = at(values, feature) + share * leaf;
    }
    return;
  }

  const feature = at(tree.feature, visit.node);
  let [zero, one] = [1, 1];
  for (let i = 1; i < length; i += 1) {
    if (at(path.feature, start + i) !== feature) continue;
    [zero, one] = [at(path.zero, start + i), at(path.one, start + i)];
    unwind(path, start, length, i);
    length -= 1;
    break;
  }
  const hot = childOf(tree, visit.node, at(row, feature));
  const cold = hot === left ? at(tree.right, visit.node) : left;
  const cover = at(tree.cover, visit.node);
  const share = (child: number): number => (zero * at(tree.cover, child)) / cover;
  walk(tree, row, values, path, { node: hot, start, length, zero: share(hot), one, feature });
  walk(tree, row, values, path, { node: cold, start, length, zero: share(cold), one: 0, feature });
}

function extend({ feature, zero, one, weight }: Path, start: number, length: number, visit: Visit): void {
  feature[start + length] = visit.feature;
  zero[start + length] = visit.zero;
  one[start + length] = visit.one;
  weight[start + length] = length === 0 ? 1 : 0;
  for (let i = length - 1; i >= 0; i -= 1) {
    const w = at(weight, start + i);
    weight[start + i + 1] = at(weight, start + i + 1) + (visit.one * w * (i + 1)) / (length + 1);
    weight[start + i] = (visit.zero * w * (length - i)) / (length + 1);
  }
}

/** Takes entry `index` back out of a run of `length` entries. */
function unwind({ feature, zero, one, weight }: Path, start: number, length: number, index: number): void {
  const last = length - 1;
  const [ofOne, ofZero] = [at(one, start + index), at(zero, start + index)];
  let next = at(weight, start + last);
  for (let i = last - 1; i >= 0; i -= 1) {
    const old = at(weight, start + i);
    if (ofOne === 0) {
      weight[start + i] = (old * length) / (ofZero * (last - i));
    } else {
      const now = (next * length) / ((i + 1) * ofOne);
      weight[start + i] = now;
      next = old - (now * ofZero * (last - i)) / length;
    }
  }
  for (let i = index; i < last; i += 1) {
    feature[start + i] = at(feature, start + i + 1);
    zero[start + i] = at(zero, start + i + 1);
    one[start + i] = at(one, start + i + 1);
  }
}

/** The sum of the weights that {@link unwind} would leave. */
function unwoundSum({ zero, one, weight }: Path, start: number, length: number, index: number): number {
  const last = length - 1;
  const [ofOne, ofZero] = [at(one, start + index), at(zero, start + index)];
  let next = at(weight, start + last);
  let total = 0;
  for (let i = last - 1; i >= 0; i -= 1) {
    const old = at(weight, start + i);
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
