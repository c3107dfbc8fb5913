import assert from 'node:assert/strict';
import type { Dataset } from '../../../../models/data/labelled-dataset.ts';
import { at, matrix, takeRows } from '../../../../models/numbers/matrix.ts';
import { defaultSettings } from '../../../../models/training/settings.ts';
import { xgboostMember } from '../../../../models/learners/xgboost/xgboost-member.ts';
import { fullEffort } from '../../../../models/learners/member-kind.ts';
import { floatsOf, openSession, tensor } from '../../../../models/onnx/session.ts';
import { SeededRandom } from '../../../../base/random.ts';
import { selectFeatures } from '../../../../models/learners/xgboost/feature-selection.ts';
import { droppedFeatures, keptColumns } from '../../../../models/learners/feature-worth.ts';
import { smallDataset } from '../../small-plant.ts';

const parameters = {
  maxDepth: 3,
  eta: 0.1,
  minChildWeight: 5,
  subsample: 0.8,
  colsampleByTree: 0.5,
  lambda: 1,
  gamma: 0,
  scalePosWeight: 1,
  rounds: 60,
};

/** The small plant's features, a copy of the best, one that stands still, and noise. */
async function dataset(): Promise<Dataset> {
  const plain = await smallDataset();
  const { rows, columns, data } = plain.features;
  const random = new SeededRandom(5, 'noise');
  const best = plain.featureNames.indexOf('Level.spread.short');
  const wide = matrix(rows, columns + 4);
  for (let row = 0; row < rows; row += 1) {
    wide.data.set(data.subarray(row * columns, (row + 1) * columns), row * (columns + 4));
    const more = [at(data, row * columns + best), 1, random.normal(), random.normal()];
    wide.data.set(more, row * (columns + 4) + columns);
  }
  const featureNames = [...plain.featureNames, 'copy', 'still', 'noise 1', 'noise 2'];
  return { ...plain, features: wide, featureNames };
}

describe('feature selection', () => {
  let data: Dataset;
  let train: Uint32Array;
  before(async () => {
    data = await dataset();
    train = Uint32Array.from(data.labels.keys()).filter((row) => at(data.places.asset, row) < 7);
  });

  it('drops what stands still and what is noise, and keeps what the target follows', async function () {
    this.timeout(30_000);
    const worth = await selectFeatures(data, train, parameters, 2);
    const keptNames = [...keptColumns(worth)].map((column) => data.featureNames[column]);
    assert.ok(keptNames.includes('Level.spread.short') || keptNames.includes('copy'), keptNames.join());
    assert.ok(!keptNames.includes('still'));
    const dropped = droppedFeatures(data.featureNames, worth, [
      worth,
      worth.map((each) => ({ ...each, kept: true })),
    ]);
    assert.equal(dropped.length + keptNames.length, data.featureNames.length);
    for (const { gain, permutation, folds } of dropped) {
      assert.ok(gain < 0.4 / data.featureNames.length && permutation <= 0);
      assert.equal(folds, 1);
    }
    assert.ok(Math.abs(worth.reduce((sum, { gain }) => sum + gain, 0) - 1) < 1e-9);
  });

  it('looks at nothing but the training rows', async function () {
    this.timeout(30_000);
    const inside = new Set(train);
    const spoilt = matrix(data.features.rows, data.features.columns, data.features.data.slice());
    const labels = data.labels.slice();
    for (let row = 0; row < labels.length; row += 1) {
      if (inside.has(row)) continue;
      labels[row] = 1 - at(labels, row);
      spoilt.data.fill(99 * at(labels, row), row * spoilt.columns, (row + 1) * spoilt.columns);
    }
    assert.deepEqual(
      await selectFeatures({ ...data, features: spoilt, labels }, train, parameters, 2),
      await selectFeatures(data, train, parameters, 2),
    );
  });

  it('gives a member that takes complete rows and ignores dropped features', async function () {
    this.timeout(60_000);
    const test = Uint32Array.from(data.labels.keys()).filter((row) => at(data.places.asset, row) >= 7);
    const member = xgboostMember({ ...fullEffort, rounds: 40 }, defaultSettings.xgboost);
    const { forest, worth = [], onnx, stages } = await member.fit(data, train, test, 40, 2);
    const kept = new Set(keptColumns(worth));
    assert.equal(forest?.features, data.featureNames.length);
    for (const tree of forest.trees)
      tree.feature.forEach((feature, node) => {
        if ((tree.left[node] ?? -1) >= 0) assert.ok(kept.has(feature));
      });
    const session = await openSession(onnx);
    const features = takeRows(data.features, test);
    const outputs = await session.run({ features: tensor(features.data, [features.rows, features.columns]) });
    const said = floatsOf(outputs, 'probability');
    await session.release();
    stages.at(-1)?.probabilities.forEach((probability, row) => {
      assert.ok(Math.abs(probability - at(said, row)) < 1e-6);
    });
  });
});
