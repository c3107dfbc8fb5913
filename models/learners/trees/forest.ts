/** A boosted forest as plain arrays. Bundles contain it; it is converted to ONNX, and reasons are computed from it. */
import { z } from 'zod';

const tree = z.strictObject({
  /** The feature's column that a node compares. */
  feature: z.array(z.int()),
  /** A row goes left when its value is below this 32-bit float. */
  threshold: z.array(z.number()),
  /** Index of the child; −1 at a leaf. */
  left: z.array(z.int()),
  right: z.array(z.int()),
  /** 1 when a missing value goes left. */
  missingLeft: z.array(z.int()),
  /** The log-odds that a leaf adds; 0 at other nodes. */
  leaf: z.array(z.number()),
  /** Sum of the Hessians of the training rows that pass the node: the weight of its branch. */
  cover: z.array(z.number()),
});

export const forestSchema = z.strictObject({
  features: z.int().positive(),
  /** Log-odds before the first tree. */
  base: z.number(),
  trees: z.array(tree),
  /** For a target with classes: `bases` is each class's log-odds before the first tree, `of` the class of each tree. */
  classes: z.strictObject({ bases: z.array(z.number()).min(2), of: z.array(z.int()) }).optional(),
});

export type Tree = z.infer<typeof tree>;
export type Forest = z.infer<typeof forestSchema>;

/** Turns a forest that was trained on some columns into one that takes all columns. */
export const onAllColumns = (forest: Forest, columns: Uint32Array, all: number): Forest => ({
  ...forest,
  features: all,
  trees: forest.trees.map((each) => ({
    ...each,
    feature: each.feature.map((feature) => columns[feature] ?? 0),
  })),
});

/** Splits a forest into one per class, which explains that class. Without classes, the result is the forest itself. */
export function forestsByClass(forest: Forest): Forest[] {
  const { classes, features, trees } = forest;
  if (classes === undefined) return [forest];
  return classes.bases.map((base, index) => ({
    features,
    base,
    trees: trees.filter((_, tree) => classes.of[tree] === index),
  }));
}

/** The child that `value` goes to. Callers must pass a 32-bit float, because XGBoost compares those. */
export function childOf(t: Tree, node: number, value: number): number {
  const goesLeft = Number.isNaN(value) ? (t.missingLeft[node] ?? 0) === 1 : value < (t.threshold[node] ?? 0);
  return goesLeft ? (t.left[node] ?? 0) : (t.right[node] ?? 0);
}
