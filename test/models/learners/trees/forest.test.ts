import assert from 'node:assert/strict';
import { matrix, rowOf } from '../../../../models/numbers/matrix.ts';
import { SeededRandom } from '../../../../base/random.ts';
import type { XgboostResult } from '../../../../models/learners/xgboost/booster.ts';
import { readXgboostModel } from '../../../../models/learners/xgboost/xgboost-model.ts';
import type { Forest } from '../../../../models/learners/trees/forest.ts';
import { trainXgboost } from '../../../../models/learners/xgboost/xgboost-trainer.ts';
import { farthestFrom } from './farthest.ts';
import { explainable, saabasValues, shapValues } from '../../../../models/learners/trees/treeshap.ts';

const [rows, columns] = [5000, 12];
const parameters = {
  maxDepth: 6,
  eta: 0.2,
  minChildWeight: 1,
  subsample: 0.8,
  colsampleByTree: 0.8,
  lambda: 1,
  gamma: 0,
  scalePosWeight: 1,
  rounds: 60,
};

/** Half of the columns on a coarse grid, so that values tie with thresholds; a tenth is missing. */
function drawRows() {
  const random = new SeededRandom(17, 'forest test');
  const data = Float32Array.from({ length: rows * columns }, (_, i) => {
    const value = i % 2 === 0 ? Math.round(2 * random.normal()) : random.normal();
    return random.uniform() < 0.1 ? Number.NaN : value;
  });
  const features = matrix(rows, columns, data);
  const labels = Float32Array.from({ length: rows }, (_, row) => {
    const [a = 0, b = 0, c = 0] = rowOf(features, row);
    const missing = Number.isNaN(c) ? 1.5 : 0;
    return (a || 0) - (b || 0) + missing + random.normal() > 1.2 ? 1 : 0;
  });
  return { features, labels };
}

describe('a forest from the XGBoost library', () => {
  const { features, labels } = drawRows();
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
      stageEvery: 20,
    });
    forest = readXgboostModel(result.model);
  });

  const farthest = (changed: Forest): Promise<number> =>
    farthestFrom(result.probabilities, changed, features);

  it('gives the same as ONNX within 1e-6 on 5,000 rows with missing values and ties', async () => {
    assert.ok((await farthest(forest)) <= 1e-6);
  });

  it('would differ with BRANCH_LEQ instead of BRANCH_LT', async () => {
    // x ≤ t is x < the next 32-bit float above t.
    const next = (value: number): number => {
      const bits = new Int32Array(1);
      const float = new Float32Array(bits.buffer);
      float[0] = value;
      if (value === 0) bits[0] = 1;
      else bits[0] = (bits[0] ?? 0) + (value > 0 ? 1 : -1);
      return float[0];
    };
    const trees = forest.trees.map((tree) => ({ ...tree, threshold: tree.threshold.map(next) }));
    assert.ok((await farthest({ ...forest, trees })) > 1e-3);
  });

  it('would differ without the default directions', async () => {
    const trees = forest.trees.map((tree) => ({ ...tree, missingLeft: tree.missingLeft.map(() => 0) }));
    assert.ok((await farthest({ ...forest, trees })) > 1e-3);
  });

  it('would differ if base_score were not converted', async () => {
    assert.ok((await farthest({ ...forest, base: 1 / (1 + Math.exp(-forest.base)) })) > 1e-3);
  });

  it('reads a base_score written as an array', () => {
    const model = result.model.replace(/"base_score":"([^"]+)"/, '"base_score":"[$1]"');
    assert.notEqual(model, result.model);
    assert.equal(readXgboostModel(model).base, forest.base);
  });

  it('has the contributions that the library gives, within 1e-5', () => {
    const explained = explainable(forest);
    for (let row = 0; row < 60; row += 1) {
      const values = shapValues(explained, rowOf(features, row));
      const expected = result.contributions.subarray(row * (columns + 1), (row + 1) * (columns + 1));
      values.forEach((value, column) => {
        assert.ok(Math.abs(value - (expected[column] ?? 0)) <= 1e-5);
      });
      assert.ok(Math.abs(explained.bias - (expected[columns] ?? 0)) <= 1e-5);
    }
  });

  it('has contributions that add up to the log-odds, by both methods', () => {
    const explained = explainable(forest);
    for (let row = 0; row < 60; row += 1) {
      const p = result.probabilities[row] ?? 0;
      for (const explain of [shapValues, saabasValues]) {
        const sum = explain(explained, rowOf(features, row)).reduce(
          (total, value) => total + value,
          explained.bias,
        );
        assert.ok(Math.abs(1 / (1 + Math.exp(-sum)) - p) <= 1e-5);
      }
    }
  });

  it('is the same when trained again, and its stages are the models with that number of rounds', async function () {
    this.timeout(60_000);
    const [again, short] = await Promise.all([
      trainXgboost({ train: { features, labels }, parameters, seed: 3 }),
      trainXgboost({
        train: { features, labels },
        parameters: { ...parameters, rounds: 20 },
        seed: 3,
        predict: features,
      }),
    ]);
    assert.equal(again.model, result.model);
    assert.deepEqual(
      result.stages.map(({ size }) => size),
      [20, 40, 60],
    );
    assert.deepEqual(result.stages[0]?.probabilities, short.probabilities);
  });
});
