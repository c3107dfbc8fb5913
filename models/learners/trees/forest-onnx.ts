/**
 * Converts a boosted forest to ONNX: TreeEnsembleRegressor for the log-odds, Sigmoid or Softmax for the probability.
 */
import type { Forest } from './forest.ts';
import { encodeModel, node, type GraphNode } from '../../onnx/model.ts';

/**
 * The model's input is `features` [rows, features], NaN for missing. Its outputs are `margin` (log-odds) and
 * `probability`, both [rows, 1] or [rows, classes]. Splits are BRANCH_LT, because XGBoost goes left when value <
 * threshold. Each node has its default direction for missing values.
 */
export function forestToOnnx(forest: Forest): Buffer {
  const targets = forest.classes?.bases.length ?? 1;
  const last =
    forest.classes === undefined
      ? node('Sigmoid', ['margin'], ['probability'])
      : node('Softmax', ['margin'], ['probability'], { axis: { int: 1 } });
  return encodeModel({
    name: 'forest',
    inputs: [{ name: 'features', shape: ['rows', forest.features] }],
    outputs: [
      { name: 'margin', shape: ['rows', targets] },
      { name: 'probability', shape: ['rows', targets] },
    ],
    nodes: [ensembleNode(forest), last],
  });
}

function ensembleNode(forest: Forest): GraphNode {
  const nodes = forest.trees.flatMap((tree, treeId) =>
    tree.left.map((left, nodeId) => {
      const isLeaf = left < 0;
      return {
        treeId,
        nodeId,
        mode: isLeaf ? 'LEAF' : 'BRANCH_LT',
        feature: isLeaf ? 0 : (tree.feature[nodeId] ?? 0),
        threshold: tree.threshold[nodeId] ?? 0,
        whenTrue: isLeaf ? 0 : left,
        whenFalse: isLeaf ? 0 : (tree.right[nodeId] ?? 0),
        missingTrue: isLeaf ? 0 : (tree.missingLeft[nodeId] ?? 0),
        leaf: tree.leaf[nodeId] ?? 0,
      };
    }),
  );
  const leaves = nodes.filter(({ mode }) => mode === 'LEAF');
  return {
    op: 'TreeEnsembleRegressor',
    domain: 'ai.onnx.ml',
    inputs: ['features'],
    outputs: ['margin'],
    attributes: {
      n_targets: { int: forest.classes?.bases.length ?? 1 },
      aggregate_function: { text: 'SUM' },
      post_transform: { text: 'NONE' },
      base_values: { floats: forest.classes?.bases ?? [forest.base] },
      nodes_treeids: { ints: nodes.map(({ treeId }) => treeId) },
      nodes_nodeids: { ints: nodes.map(({ nodeId }) => nodeId) },
      nodes_featureids: { ints: nodes.map(({ feature }) => feature) },
      nodes_values: { floats: nodes.map(({ threshold }) => threshold) },
      nodes_modes: { texts: nodes.map(({ mode }) => mode) },
      nodes_truenodeids: { ints: nodes.map(({ whenTrue }) => whenTrue) },
      nodes_falsenodeids: { ints: nodes.map(({ whenFalse }) => whenFalse) },
      nodes_missing_value_tracks_true: { ints: nodes.map(({ missingTrue }) => missingTrue) },
      target_treeids: { ints: leaves.map(({ treeId }) => treeId) },
      target_nodeids: { ints: leaves.map(({ nodeId }) => nodeId) },
      target_ids: { ints: leaves.map(({ treeId }) => forest.classes?.of[treeId] ?? 0) },
      target_weights: { floats: leaves.map(({ leaf }) => leaf) },
    },
  };
}
