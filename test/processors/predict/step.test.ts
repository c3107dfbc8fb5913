import assert from 'node:assert/strict';
import { featureNames } from '../../../processes/plant.ts';
import { championAlone, type Models, type Predictor } from '../../../processors/predict/predictor.ts';
import { predictStep } from '../../../processors/predict/step.ts';
import type { FeatureRow } from '../../../schemas/generated/types.ts';
import { outputs, record, row, small } from '../support.ts';
import { plainPredictor } from './plain-predictor.ts';

async function outcomesOf(rows: readonly FeatureRow[], current: () => Models) {
  const step = predictStep(small, current);
  const batch = rows.map((value) => record({ from: 'features' as const, value }));
  const extras = (await step.prepare?.(batch)) ?? [];
  return batch.map((each, index) => {
    const extra = extras[index];
    assert.ok(extra);
    return step.process(each, undefined, extra);
  });
}

const predictions = async (rows: readonly FeatureRow[], current: () => Predictor | undefined) =>
  outputs(await outcomesOf(rows, () => championAlone(current(), 7)), 'predictions');

describe('predict', () => {
  it('gives each row its answer, with its piece and the features that alert rules watch', async () => {
    const names = featureNames(small);
    const values = names.map((_, index) => index);
    const rows = [row(5, { values, piece: { batch: 'B1' } }), row(10, { values: values.map(() => 0) })];
    const [first, second] = await predictions(rows, () => plainPredictor('set'));
    assert.equal(first?.status, 'OK');
    assert.deepEqual(
      [first.target, first.bundle, first.threshold, first.piece],
      ['bad', 'plain', 0.5, { batch: 'B1' }],
    );
    assert.equal(first.modelEntry, 7);
    assert.deepEqual(first.signals, [{ name: 'A.mean.short', value: names.indexOf('A.mean.short') }]);
    assert.equal(second?.probability, 0.5);
  });

  it('says why it cannot answer rows of another feature set, incomplete rows, and rows without a bundle', async () => {
    const rows = [
      row(5, { featureSet: 'other' }),
      row(10, { completeness: 0.499 }),
      row(15, { values: [1] }),
    ];
    const answered = await predictions(rows, () => plainPredictor('set'));
    assert.deepEqual(
      answered.map(({ status }) => status),
      ['UNAVAILABLE', 'UNAVAILABLE', 'OK'],
    );
    assert.match(answered[0]?.reason ?? '', /trained on feature set set, but the row has feature set other/);
    assert.match(answered[1]?.reason ?? '', /only 49.9 % of the values .* needs 50 %/);
    const [none] = await predictions([row(5)], () => undefined);
    assert.deepEqual(
      [none?.status, none?.reason, none?.probability, none?.bundle, none?.modelEntry],
      ['UNAVAILABLE', 'no model bundle is loaded', null, '', 0],
    );
  });

  it('uses one bundle for a batch, even when another takes over during it', async () => {
    let asked = 0;
    await predictions([row(5), row(10), row(15)], () => {
      asked++;
      return plainPredictor('set');
    });
    assert.equal(asked, 1);
  });

  it('fails the batch when the predictor rejects, or answers the wrong number of rows', async () => {
    const short: Predictor = { ...plainPredictor('set'), predict: () => Promise.resolve([]) };
    await assert.rejects(
      predictions([row(5)], () => short),
      /0 answers to 1 rows/,
    );
    const lost: Predictor = {
      ...plainPredictor('set'),
      predict: () => Promise.reject(new Error('worker gone')),
    };
    await assert.rejects(
      predictions([row(5)], () => lost),
      /worker gone/,
    );
  });

  describe('with a challenger and a shadow', () => {
    const lost: Predictor = {
      ...plainPredictor('set'),
      bundle: 'lost',
      predict: () => Promise.reject(new Error('worker gone')),
    };
    const models: Models = {
      champion: { predictor: plainPredictor('set'), entry: 1 },
      beside: [
        { role: 'CHALLENGER', predictor: { ...plainPredictor('set'), bundle: 'better' }, entry: 2 },
        { role: 'SHADOW', predictor: lost, entry: 3 },
      ],
    };

    it('writes their answers to each row separately', async () => {
      const outcomes = await outcomesOf([row(5), row(10)], () => models);
      assert.equal(outputs(outcomes, 'predictions').length, 2);
      const beside = outputs(outcomes, 'shadow');
      assert.deepEqual(
        beside.map(({ role, bundle, modelEntry, status }) => [role, bundle, modelEntry, status]),
        [1, 2].flatMap(() => [
          ['CHALLENGER', 'better', 2, 'OK'],
          ['SHADOW', 'lost', 3, 'UNAVAILABLE'],
        ]),
      );
      assert.equal(beside[1]?.reason, 'worker gone');
    });

    it('gives the same predictions as without them', async () => {
      const rows = [row(5), row(10, { completeness: 0.1 })];
      const alone = await outcomesOf(rows, () => ({ ...models, beside: [] }));
      const together = await outcomesOf(rows, () => models);
      assert.deepEqual(outputs(together, 'predictions'), outputs(alone, 'predictions'));
    });
  });
});
