import assert from 'node:assert/strict';
import { longestLook } from '../../../processes/features.ts';
import type { Dataset } from '../../../models/data/labelled-dataset.ts';
import { at, matrix } from '../../../models/numbers/matrix.ts';
import { planJudgement } from '../../../models/data/plan.ts';
import { smallPlant } from '../small-plant.ts';

/** Assets with groups of 40 rows, 5 s apart. Groups are shared by assets, or are the assets. */
function dataset(assets: number, groups: number): Dataset {
  const names = Array.from({ length: assets }, (_, i) => `asset ${i}`);
  const perAsset = groups * 40;
  const rows = Array.from({ length: assets * perAsset }, (_, i) => ({
    asset: Math.floor(i / perAsset),
    time: (i % perAsset) * 5000,
    group: groups === 1 ? Math.floor(i / perAsset) : Math.floor((i % perAsset) / 40),
  }));
  return {
    id: 'x',
    process: 'small',
    target: 'defect',
    featureSet: 'x',
    featureNames: ['f'],
    features: matrix(rows.length, 1),
    sequences: undefined,
    steps: 0,
    channels: 0,
    labels: new Float32Array(rows.length),
    places: {
      time: Float64Array.from(rows, ({ time }) => time),
      asset: Uint32Array.from(rows, ({ asset }) => asset),
      group: Uint32Array.from(rows, ({ group }) => group),
    },
    assets: names,
    groups: groups === 1 ? names : Array.from({ length: groups }, (_, i) => `heat ${i}`),
    facts: {
      defect: { names: [], of: new Int32Array(rows.length) },
      properties: {},
      foundAt: new Float64Array(rows.length),
    },
    from: 0,
    until: (perAsset - 1) * 5000,
    leftOut: {},
  };
}

describe('the plan of judgement', () => {
  it('holds out the end when pieces follow each other', () => {
    const plan = planJudgement(smallPlant, dataset(2, 12), 4);
    const heldOut = new Set(Array.from(plan.heldOut, (row) => at(plan.places.group, row)));
    assert.deepEqual(
      [...heldOut].sort((a, b) => a - b),
      [9, 10, 11],
    );
    assert.equal(plan.folds.length, 4);
    for (const { train, test } of plan.folds) {
      for (const row of [...train, ...test]) assert.ok(!heldOut.has(at(plan.places.group, row)));
    }
  });

  it('leaves out complete assets when each is a separate run', () => {
    const plan = planJudgement(smallPlant, dataset(10, 1), 5);
    assert.equal(plan.heldOut.length, 0);
    for (const { test } of plan.folds) {
      assert.equal(new Set(Array.from(test, (row) => at(plan.places.asset, row))).size, 2);
      assert.equal(test.length, 80);
    }
  });

  it('cuts time into blocks where groups are too few', () => {
    const few = dataset(1, 3);
    const plan = planJudgement(smallPlant, few, 3);
    assert.match(plan.description, /blocks of time/);
    assert.equal(plan.folds.length, 3);
    assert.ok(plan.heldOut.length >= 30);
  });

  it('uses the longest window or sequence as the embargo', () => {
    assert.equal(longestLook(smallPlant), 30_000);
    const { sequence } = smallPlant.features;
    assert.ok(sequence);
    const features = { ...smallPlant.features, sequence: { ...sequence, steps: 60 } };
    assert.equal(longestLook({ ...smallPlant, features }), 60_000);
  });
});
