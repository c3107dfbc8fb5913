/** Reads XGBoost's JSON model: the forest, and the gain of each feature. */
import { z } from 'zod';
import { logit } from '../../numbers/matrix.ts';
import type { Forest } from '../trees/forest.ts';

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
 * Reads a model with objective `binary:logistic` or `multi:softprob` and numerical splits. The `base_score` is a
 * probability with `binary:logistic`, and the log-odds of every class with `multi:softprob`. Newer versions of
 * XGBoost write it as an array, older ones as a number.
 * @throws ZodError when the JSON is another kind of model
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

/** Each feature's share of the loss that all splits of the model gained. */
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
