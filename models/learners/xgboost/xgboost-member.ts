/** The member that is made of boosted trees and learns from the features that it selects. */
import { at, take, takeColumns, takeRows, type Matrix } from '../../numbers/matrix.ts';
import { keptColumns } from '../feature-worth.ts';
import type { Effort, MemberKind } from '../member-kind.ts';
import { forestToOnnx } from '../trees/forest-onnx.ts';
import { onAllColumns } from '../trees/forest.ts';
import type { XgboostParameters } from './booster.ts';
import { selectFeatures } from './feature-selection.ts';
import { readXgboostModel } from './xgboost-model.ts';
import { trainXgboost } from './xgboost-trainer.ts';

/** XGBoost's parameters; `rowsPerLeaf` is about the minimum number of rows in a leaf. */
export type XgboostSettings = Omit<
  XgboostParameters,
  'rounds' | 'minChildWeight' | 'scalePosWeight' | 'classes' | 'parallelTrees'
> & {
  readonly rowsPerLeaf: number;
};

export function xgboostMember(effort: Effort, settings: XgboostSettings): MemberKind {
  const { rowsPerLeaf, ...own } = settings;
  return {
    name: 'xgboost',
    input: 'features',
    largest: effort.rounds,
    every: Math.max(1, Math.round(effort.rounds / 16)),
    settings: { ...settings },
    async fit(dataset, train, predict, size, seed) {
      const labels = Float32Array.from(take(dataset.labels, train));
      const parameters: XgboostParameters = {
        ...own,
        scalePosWeight: 1,
        minChildWeight: leafWeight(labels, rowsPerLeaf),
        rounds: size,
      };
      const worth = await selectFeatures(dataset, train, parameters, seed);
      const columns = keptColumns(worth);
      const featuresOf = (rows: Uint32Array): Matrix =>
        takeColumns(takeRows(dataset.features, rows), columns);
      const result = await trainXgboost({
        train: { features: featuresOf(train), labels },
        predict: featuresOf(predict),
        stageEvery: this.every,
        parameters,
        seed,
      });
      const forest = onAllColumns(readXgboostModel(result.model), columns, dataset.features.columns);
      return { stages: result.stages, onnx: forestToOnnx(forest), forest, worth };
    },
  };
}

/**
 * XGBoost weighs each row of a leaf by p·(1 − p). This makes the minimum number of rows independent of the target's
 * rate.
 */
function leafWeight(labels: ArrayLike<number>, rowsPerLeaf: number): number {
  let positives = 0;
  for (let i = 0; i < labels.length; i += 1) positives += at(labels, i);
  const rate = positives / labels.length;
  return Math.max(1, Math.min(rowsPerLeaf, labels.length / 20) * rate * (1 - rate));
}
