import assert from 'node:assert/strict';
import fc from 'fast-check';
import { areas, curvesOf, rankRows } from '../../../models/numbers/ranked-rows.ts';
import { prAuc, rocAuc } from '../../../models/numbers/score-metrics.ts';

const scored = fc
  .array(
    fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 3 })),
    {
      minLength: 2,
      maxLength: 40,
    },
  )
  .filter((rows) => new Set(rows.map(([, label]) => label)).size === 2);

const columns = (rows: readonly (readonly [number, number, number])[]) => ({
  scores: rows.map(([score]) => score),
  labels: rows.map(([, label]) => label),
  groups: rows.map(([, , group]) => group),
});

describe('ranked rows', () => {
  it('have the areas that the plain metrics have', () => {
    fc.assert(
      fc.property(scored, (rows) => {
        const { scores, labels } = columns(rows);
        const { rocAuc: roc, prAuc: pr } = areas(rankRows(scores, labels));
        assert.ok(Math.abs(roc - rocAuc(scores, labels)) < 1e-12);
        assert.ok(Math.abs(pr - prAuc(scores, labels)) < 1e-12);
      }),
    );
  });

  it('count a row with weight n as n rows', () => {
    const weights = [2, 0, 1, 3];
    fc.assert(
      fc.property(scored, (rows) => {
        const { scores, labels, groups } = columns(rows);
        const weighted = areas(rankRows(scores, labels), weights, groups);
        const repeated = columns(
          rows.flatMap((row) => Array.from({ length: weights[row[2]] ?? 0 }, () => row)),
        );
        const plain = areas(rankRows(repeated.scores, repeated.labels));
        for (const key of ['rocAuc', 'prAuc'] as const)
          assert.ok(Math.abs(weighted[key] - plain[key]) < 1e-12 || Number.isNaN(plain[key]), key);
        weighted.recallAt.forEach((recall, i) => {
          assert.ok(
            Object.is(recall, plain.recallAt[i]) || Math.abs(recall - (plain.recallAt[i] ?? 0)) < 1e-12,
          );
        });
      }),
    );
  });

  it('give the recall at a false-alarm rate, by hand', () => {
    // 100 negatives at 0.01 … 1.00; positives at 2, 0.995, 0.965, 0.5: at 1 % one negative may be above.
    const negatives = Array.from({ length: 100 }, (_, i) => (i + 1) / 100);
    const scores = [...negatives, 2, 0.995, 0.965, 0.5];
    const labels = [...negatives.map(() => 0), 1, 1, 1, 1];
    assert.deepEqual(areas(rankRows(scores, labels)).recallAt, [0.5, 0.75]);
  });

  it('do not separate rows with equal scores', () => {
    // One threshold takes all: with any false alarm there are all of them.
    assert.deepEqual(areas(rankRows([1, 1, 1, 1], [1, 0, 1, 0])).recallAt, [0, 0]);
  });

  it('draw curves that begin and end where they must', () => {
    const { roc, pr } = curvesOf(rankRows([0.9, 0.8, 0.7, 0.1], [1, 0, 1, 0]));
    assert.deepEqual(roc, [
      [0, 0],
      [0, 0.5],
      [0.5, 0.5],
      [0.5, 1],
      [1, 1],
    ]);
    assert.deepEqual(pr, [
      [0.5, 1],
      [0.5, 0.5],
      [1, 0.6667],
      [1, 0.5],
    ]);
  });
});
