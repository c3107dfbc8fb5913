import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  brier,
  confusion,
  f1,
  falseAlarmRate,
  logLoss,
  prAuc,
  precision,
  recall,
  rocAuc,
} from '../../../models/numbers/score-metrics.ts';

/** Every pair of a positive and a negative row, ties counting half. */
function aucByPairs(scores: readonly number[], labels: readonly number[]): number {
  let [wins, pairs] = [0, 0];
  scores.forEach((positive, i) => {
    scores.forEach((negative, j) => {
      if (labels[i] !== 1 || labels[j] !== 0) return;
      pairs += 1;
      wins += positive > negative ? 1 : positive === negative ? 0.5 : 0;
    });
  });
  return wins / pairs;
}

const scored = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 1 })), {
    minLength: 2,
    maxLength: 40,
  })
  .filter((rows) => new Set(rows.map(([, label]) => label)).size === 2);

describe('metrics', () => {
  it('computes ROC-AUC of an example with a tie', () => {
    // Pairs: .9>.5, .9>.1, .5=.5, .5>.1 → 3.5 of 4.
    assert.equal(rocAuc([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0]), 3.5 / 4);
  });

  it('agrees with counting all pairs', () => {
    fc.assert(
      fc.property(scored, (rows) => {
        const [scores, labels] = [rows.map(([score]) => score), rows.map(([, label]) => label)];
        assert.ok(Math.abs(rocAuc(scores, labels) - aucByPairs(scores, labels)) < 1e-12);
      }),
    );
  });

  it('does not depend on the order of the rows, nor on any rising scale', () => {
    fc.assert(
      fc.property(scored, (rows) => {
        const turned = [...rows].reverse();
        for (const metric of [rocAuc, prAuc]) {
          const one = metric(
            rows.map(([s]) => s),
            rows.map(([, l]) => l),
          );
          const other = metric(
            turned.map(([s]) => Math.exp(s)),
            turned.map(([, l]) => l),
          );
          assert.ok(Math.abs(one - other) < 1e-12);
        }
      }),
    );
  });

  it('computes average precision by hand', () => {
    // From the top: hit (1/1), miss, hit (2/3) → (1 + 2/3) / 2.
    assert.ok(Math.abs(prAuc([0.9, 0.8, 0.7, 0.1], [1, 0, 1, 0]) - (1 + 2 / 3) / 2) < 1e-12);
  });

  it('gives the share of positives as PR-AUC of a constant', () => {
    assert.equal(prAuc([1, 1, 1, 1], [1, 0, 0, 0]), 0.25);
  });

  it('gives NaN where one class is absent', () => {
    assert.ok(Number.isNaN(rocAuc([1, 2], [1, 1])));
    assert.ok(Number.isNaN(prAuc([1, 2], [0, 0])));
  });

  it('computes Brier and log loss by hand', () => {
    assert.ok(Math.abs(brier([0.8, 0.4], [1, 0]) - (0.04 + 0.16) / 2) < 1e-12);
    assert.ok(Math.abs(logLoss([0.8, 0.4], [1, 0]) + (Math.log(0.8) + Math.log(0.6)) / 2) < 1e-12);
    assert.ok(Number.isFinite(logLoss([0, 1], [1, 0])));
  });

  it('counts a row at the threshold as called', () => {
    const counts = confusion([0.5, 0.4, 0.6, 0.1], [1, 1, 0, 0], 0.5);
    assert.deepEqual(counts, { truePositive: 1, falsePositive: 1, trueNegative: 1, falseNegative: 1 });
    assert.deepEqual(
      [precision(counts), recall(counts), falseAlarmRate(counts), f1(counts)],
      [0.5, 0.5, 0.5, 0.5],
    );
  });
});
