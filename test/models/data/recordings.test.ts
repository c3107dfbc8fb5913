import assert from 'node:assert/strict';
import type { Dataset } from '../../../models/data/labelled-dataset.ts';
import { at } from '../../../models/numbers/matrix.ts';
import { planJudgement } from '../../../models/data/plan.ts';
import { joinCopies } from '../../../models/data/recordings.ts';
import { smallDataset, smallPlant } from '../small-plant.ts';

describe('recordings of the same thing', () => {
  let dataset: Dataset;
  before(async () => {
    dataset = await smallDataset(10, 10);
  });

  /** As if the second asset's file had begun while the first one's still ran. */
  function withCopies(rows: number): Dataset {
    const { features, places } = dataset;
    const data = features.data.slice();
    const [first, second] = [0, 1].map((asset) =>
      Array.from(places.asset, (each, row) => (each === asset ? row : -1)).filter((row) => row >= 0),
    );
    for (let i = 0; i < rows; i += 1) {
      const [from, to] = [at(first ?? [], i + 20), at(second ?? [], i + 20)];
      data.copyWithin(to * features.columns, from * features.columns, (from + 1) * features.columns);
      // Features that compare with the asset's own past differ.
      data[to * features.columns] = 17;
    }
    return { ...dataset, features: { ...features, data } };
  }

  it('are one group once enough rows agree', () => {
    const joined = joinCopies(withCopies(12));
    const groups = new Map(Array.from(dataset.places.asset, (asset, row) => [asset, at(joined, row)]));
    assert.equal(groups.get(0), groups.get(1));
    assert.equal(new Set(groups.values()).size, 9);
  });

  it('are not assumed when only a few rows agree, or for different machines', () => {
    assert.equal(new Set(joinCopies(withCopies(5))).size, 10);
    assert.equal(new Set(joinCopies(dataset)).size, 10);
  });

  it('are never on both sides of a fold, and the card says so', () => {
    const plan = planJudgement(smallPlant, withCopies(12), 5);
    assert.match(plan.description, /10 assets; those that hold the same scans stay together, 9 runs/);
    for (const { test } of plan.folds) {
      const assets = new Set(Array.from(test, (row) => at(dataset.places.asset, row)));
      assert.equal(assets.has(0), assets.has(1));
    }
  });
});
