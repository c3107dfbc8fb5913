/** A boosted forest as plain arrays: written into bundles, made into ONNX, walked for explanations. */
import { z } from 'zod';

const tree = z.strictObject({
  /** Column that a node asks for. */
  feature: z.array(z.int()),
  /** A row goes left when its value is below; a 32-bit float. */
  threshold: z.array(z.number()),
  /** Child by index; −1 at a leaf. */
  left: z.array(z.int()),
  right: z.array(z.int()),
  /** 1 when a missing value goes left. */
  missingLeft: z.array(z.int()),
  /** Log-odds that a leaf adds; 0 elsewhere. */
  leaf: z.array(z.number()),
  /** Sum of the Hessians of the training rows that came by: the weight of a branch. */
  cover: z.array(z.number()),
});

export const forestSchema = z.strictObject({
  features: z.int().positive(),
  /** Log-odds before the first tree. */
  base: z.number(),
  trees: z.array(tree),
  /** Of a target with classes: the log-odds of each before the first tree, and the class of each tree. */
  classes: z.strictObject({ bases: z.array(z.number()).min(2), of: z.array(z.int()) }).optional(),
});

export type Tree = z.infer<typeof tree>;
export type Forest = z.infer<typeof forestSchema>;

/** A forest that was trained on some columns, as one that takes all of them. */
export const onAllColumns = (forest: Forest, columns: Uint32Array, all: number): Forest => ({
  ...forest,
  features: all,
  trees: forest.trees.map((each) => ({
    ...each,
    feature: each.feature.map((feature) => columns[feature] ?? 0),
  })),
});

/** The trees of each class, as a forest of its own: what explains that class. One forest where there are no classes. */
export function forestsByClass(forest: Forest): Forest[] {
  const { classes, features, trees } = forest;
  if (classes === undefined) return [forest];
  return classes.bases.map((base, index) => ({
    features,
    base,
    trees: trees.filter((_, tree) => classes.of[tree] === index),
  }));
}

/** The child that `value` goes to. XGBoost compares 32-bit floats; so must whoever calls. */
export function childOf(t: Tree, node: number, value: number): number {
  const goesLeft = Number.isNaN(value) ? (t.missingLeft[node] ?? 0) === 1 : value < (t.threshold[node] ?? 0);
  return goesLeft ? (t.left[node] ?? 0) : (t.right[node] ?? 0);
}
