import assert from 'node:assert/strict';
import fc from 'fast-check';
import { meanCost, theoreticalThreshold } from '../../../models/blend/threshold.ts';

const cost = { miss: 10, falseAlarm: 1 };

describe('threshold', () => {
  it('warns from one eleventh on when a miss costs ten false alarms', () => {
    assert.equal(theoreticalThreshold(cost), 1 / 11);
  });

  it('adds up misses and false alarms', () => {
    // 0.9 warned rightly; 0.6 warned wrongly (1); 0.2 missed (10); 0.1 left alone rightly.
    assert.equal(meanCost([0.9, 0.6, 0.2, 0.1], [1, 0, 1, 0], 0.5, cost), 11 / 4);
  });

  it('costs least at that threshold when probabilities are right', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 20, noNaN: true }), (miss) => {
        const own = { miss, falseAlarm: 1 };
        // A thousand rows for each probability, with exactly that share of positive ones.
        const grid = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);
        const expected = (threshold: number): number =>
          grid.reduce((sum, p) => sum + (p >= threshold ? 1 - p : p * miss), 0);
        for (const tried of grid) assert.ok(expected(theoreticalThreshold(own)) <= expected(tried) + 1e-9);
      }),
    );
  });
});
