/**
 * Selects the features that the trees may use, from the training rows only. A forest learns from some of their
 * groups. The worth of a feature is its gain in that forest, and the loss on the other groups when the feature is
 * shuffled.
 */
import type { Dataset } from '../../data/labelled-dataset.ts';
import { at, sigmoid, take, takeRows, type Matrix } from '../../numbers/matrix.ts';
import { logLoss } from '../../numbers/score-metrics.ts';
import { SeededRandom } from '../../../base/random.ts';
import { groupFolds } from '../../data/splits.ts';
import type { FeatureWorth } from '../feature-worth.ts';
import type { XgboostParameters } from './booster.ts';
import { childOf, type Forest, type Tree } from '../trees/forest.ts';
import { gainsOf, readXgboostModel } from './xgboost-model.ts';
import { trainXgboost } from './xgboost-trainer.ts';

/** A feature with at least this multiple of an even share of the gain is kept without further tests. */
const leastGain = 0.4;
const parts = 3;
/** Maximum number of rounds for the selection. */
const rounds = 80;
const mostRows = 4000;

/**
 * Drops a feature when two conditions are true: the forest hardly gains from it, and shuffling it makes the forest no
 * worse on groups that it has not seen. One condition alone is not enough, because similar features share their gain
 * and replace each other when one is shuffled.
 * @param rows the training rows; only these are used
 */
export async function selectFeatures(
  dataset: Dataset,
  rows: Uint32Array,
  parameters: XgboostParameters,
  seed: number,
): Promise<readonly FeatureWorth[]> {
  const all = dataset.featureNames.map(() => ({ gain: 0, permutation: 0, kept: true }));
  const [split] = groupFolds(dataset.places, rows, parts, 0, true);
  if (split === undefined) return all;
  const labels = Float32Array.from(take(dataset.labels, split.train));
  if (new Set(labels).size < 2) return all;
  const { model } = await trainXgboost({
    train: { features: takeRows(dataset.features, split.train), labels },
    parameters: { ...parameters, rounds: Math.min(rounds, parameters.rounds) },
    seed,
  });
  const gains = gainsOf(model, dataset.featureNames.length);
  const asked = gains.map((gain) => Number(gain * gains.length < leastGain));
  const judged = thin(split.test);
  const rises = shuffledLosses(
    readXgboostModel(model),
    takeRows(dataset.features, judged),
    take(dataset.labels, judged),
    asked,
    seed,
  );
  const keeps = Uint8Array.from(gains, (_, column) =>
    Number(at(asked, column) === 0 || at(rises, column) > 0),
  );
  return all.map((_, column) => ({
    gain: at(gains, column),
    permutation: at(rises, column),
    kept: keeps[column] === 1,
  }));
}

function thin(rows: Uint32Array): Uint32Array {
  const step = Math.max(1, Math.ceil(rows.length / mostRows));
  return rows.filter((_, index) => index % step === 0);
}

/** For each asked column, how much the log loss rises when its values are shuffled among the rows. */
function shuffledLosses(
  forest: Forest,
  features: Matrix,
  labels: Float64Array,
  asked: Float64Array,
  seed: number,
): Float64Array {
  const random = new SeededRandom(seed, 'permutation');
  const byTree = forest.trees.map((tree) =>
    Float64Array.from({ length: features.rows }, (_, row) => leafOf(tree, features, row, -1, row)),
  );
  const odds = Float64Array.from({ length: features.rows }, (_, row) =>
    byTree.reduce((sum, leaves) => sum + (leaves[row] ?? 0), forest.base),
  );
  const before = logLoss(odds.map(sigmoid), labels);
  return asked.map((isAsked, column) => {
    if (isAsked === 0) return 0;
    const order = random.shuffle(Uint32Array.from({ length: features.rows }, (_, row) => row));
    const changed = odds.slice();
    forest.trees.forEach((tree, index) => {
      if (!uses(tree, column)) return;
      for (let row = 0; row < features.rows; row += 1)
        changed[row] =
          (changed[row] ?? 0) +
          leafOf(tree, features, row, column, order[row] ?? 0) -
          (byTree[index]?.[row] ?? 0);
    });
    return logLoss(changed.map(sigmoid), labels) - before;
  });
}

const uses = (tree: Tree, column: number): boolean =>
  tree.feature.some((feature, node) => feature === column && (tree.left[node] ?? -1) >= 0);

/** The value of the leaf that a row reaches when `column` is taken from another row. */
function leafOf(tree: Tree, { data, columns }: Matrix, row: number, column: number, other: number): number {
  let node = 0;
  while ((tree.left[node] ?? -1) >= 0) {
    const feature = tree.feature[node] ?? 0;
    const from = feature === column ? other : row;
    node = childOf(tree, node, data[from * columns + feature] ?? NaN);
  }
  return tree.leaf[node] ?? 0;
}
