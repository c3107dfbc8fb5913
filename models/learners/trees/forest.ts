/** A boosted forest as plain arrays: read from XGBoost's JSON, written into bundles, walked for explanations. */
import { z } from 'zod';
import { logit } from '../../numbers/matrix.ts';

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

const xgboostModel = z.object({
  learner: z.object({
    learner_model_param: z.object({
      base_score: z.string(),
      num_feature: z.coerce.number().int(),
      num_class: z.coerce.number().int(),
    }),
    objective: z.object({ name: z.enum(['binary:logistic', 'multi:softprob']) }),
    gradient_booster: z.object({
      model: z.object({
        tree_info: z.array(z.int()),
        trees: z.array(
          z.object({
            split_indices: z.array(z.int()),
            split_conditions: z.array(z.number()),
            left_children: z.array(z.int()),
            right_children: z.array(z.int()),
            default_left: z.array(z.union([z.boolean(), z.int()])),
            sum_hessian: z.array(z.number()),
            loss_changes: z.array(z.number()),
          }),
        ),
      }),
    }),
  }),
});

/**
 * XGBoost's JSON model, objective `binary:logistic` or `multi:softprob`, numerical splits. The `base_score` of the
 * first is a probability, of the second the log-odds of every class; written as a number or, by newer versions, as
 * an array.
 * @throws ZodError when it is something else.
 */
export function readXgboostModel(json: string): Forest {
  const { learner } = xgboostModel.parse(JSON.parse(json));
  const { base_score, num_feature, num_class } = learner.learner_model_param;
  const scores = base_score.replace(/[[\]]/g, '').split(',').map(Number);
  const isBinary = learner.objective.name === 'binary:logistic';
  const classes = isBinary
    ? undefined
    : {
        bases: Array.from({ length: num_class }, (_, i) => Math.fround(scores[i] ?? scores[0] ?? 0)),
        of: learner.gradient_booster.model.tree_info,
      };
  return {
    features: num_feature,
    base: isBinary ? Math.fround(logit(scores[0] ?? 0.5)) : 0,
    ...(classes && { classes }),
    trees: learner.gradient_booster.model.trees.map((source) => {
      const isLeaf = source.left_children.map((child) => child < 0);
      return {
        feature: source.split_indices,
        threshold: source.split_conditions.map((value, node) => (isLeaf[node] ? 0 : Math.fround(value))),
        left: source.left_children,
        right: source.right_children,
        missingLeft: source.default_left.map(Number),
        leaf: source.split_conditions.map((value, node) => (isLeaf[node] ? Math.fround(value) : 0)),
        cover: source.sum_hessian,
      };
    }),
  };
}

/** Each feature's share of what all splits of an XGBoost JSON model gained in loss. */
export function gainsOf(json: string, features: number): Float64Array {
  const gains = new Float64Array(features);
  for (const tree of xgboostModel.parse(JSON.parse(json)).learner.gradient_booster.model.trees)
    tree.split_indices.forEach((feature, node) => {
      if ((tree.left_children[node] ?? -1) >= 0)
        gains[feature] = (gains[feature] ?? 0) + (tree.loss_changes[node] ?? 0);
    });
  const total = gains.reduce((sum, gain) => sum + gain, 0);
  return total > 0 ? gains.map((gain) => gain / total) : gains;
}

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
