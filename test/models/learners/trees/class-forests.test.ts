import assert from 'node:assert/strict';
import { matrix, rowOf } from '../../../../models/numbers/matrix.ts';
import { SeededRandom } from '../../../../base/random.ts';
import type { XgboostResult } from '../../../../models/learners/xgboost/booster.ts';
import { forestsByClass, type Forest } from '../../../../models/learners/trees/forest.ts';
import { readXgboostModel } from '../../../../models/learners/xgboost/xgboost-model.ts';
import { trainXgboost } from '../../../../models/learners/xgboost/xgboost-trainer.ts';
import { farthestFrom } from './farthest.ts';
import { explainable, shapValues } from '../../../../models/learners/trees/treeshap.ts';

const [rows, columns, classes] = [5000, 8, 4];
const parameters = {
  maxDepth: 5,
  eta: 0.2,
  minChildWeight: 1,
  subsample: 0.8,
  colsampleByTree: 0.8,
  lambda: 1,
  gamma: 0,
  scalePosWeight: 1,
  rounds: 20,
  parallelTrees: 2,
  classes,
};

describe('a forest of several classes from the XGBoost library', () => {
  const random = new SeededRandom(23, 'classes test');
  const data = Float32Array.from({ length: rows * columns }, (_, i) => {
    const value = i % 2 === 0 ? Math.round(2 * random.normal()) : random.normal();
    return random.uniform() < 0.1 ? Number.NaN : value;
  });
  const features = matrix(rows, columns, data);
  const labels = Float32Array.from({ length: rows }, (_, row) => {
    const [a = 0, b = 0] = rowOf(features, row);
    return ((a || 0) > 0.5 ? 2 : 0) + ((b || 0) + random.normal() / 2 > 0 ? 1 : 0);
  });
  let result: XgboostResult;
  let forest: Forest;

  before(async function () {
    this.timeout(60_000);
    result = await trainXgboost({
      train: { features, labels },
      parameters,
      seed: 3,
      predict: features,
      contributions: true,
    });
    forest = readXgboostModel(result.model);
  });

  const farthest = (changed: Forest): Promise<number> => {
    assert.equal(result.probabilities.length, rows * classes);
    return farthestFrom(result.probabilities, changed, features);
  };

  it('gives the same as ONNX within 1e-6 on 5,000 rows with missing values and ties', async () => {
    const most = await farthest(forest);
    assert.ok(most <= 1e-6, String(most));
  });

  it('would differ with trees assigned to another class', async () => {
    const of = forest.classes?.of.map((kind) => (kind + 1) % classes) ?? [];
    assert.ok((await farthest({ ...forest, classes: { bases: forest.classes?.bases ?? [], of } })) > 1e-2);
  });

  it('has a round of two trees for each class, and bases that leave no class ahead', () => {
    assert.equal(forest.trees.length, parameters.rounds * classes * parameters.parallelTrees);
    assert.deepEqual(
      forestsByClass(forest).map(({ trees }) => trees.length),
      Array.from({ length: classes }, () => 40),
    );
  });

  it('is explained class by class as the library explains it, within 1e-5', () => {
    const explained = forestsByClass(forest).map((each) => explainable(each));
    for (let row = 0; row < 30; row += 1)
      explained.forEach((each, kind) => {
        const start = (row * classes + kind) * (columns + 1);
        shapValues(each, rowOf(features, row)).forEach((value, column) => {
          assert.ok(Math.abs(value - (result.contributions[start + column] ?? 0)) <= 1e-5);
        });
        assert.ok(Math.abs(each.bias - (result.contributions[start + columns] ?? 0)) <= 1e-5);
      });
  });

  it('adds up to one for every row', () => {
    for (let row = 0; row < rows; row += 1) {
      const sum = result.probabilities
        .subarray(row * classes, (row + 1) * classes)
        .reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(sum - 1) < 1e-5);
    }
  });
});
