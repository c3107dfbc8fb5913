import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RecentValues } from '../../../processors/validate/recent-values.ts';
import { seed } from '../../support/seed.ts';

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[half] ?? NaN)
    : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2;
};

describe('RecentValues', () => {
  it('has the median and the median absolute deviation of the last values', () => {
    const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, (all) => {
        const recent = new RecentValues(9);
        all.forEach((value, index) => {
          recent.push(value);
          const last = all.slice(Math.max(0, index - 8), index + 1);
          const middle = median(last);
          // + 0: which of two zeros it is says nothing.
          assert.equal(recent.median + 0, middle + 0);
          assert.equal(recent.mad, median(last.map((each) => Math.abs(each - middle))));
        });
      }),
      { seed },
    );
  });

  it('judges when half full', () => {
    const recent = new RecentValues(4);
    recent.push(1);
    assert.equal(recent.ready, false);
    recent.push(2);
    assert.equal(recent.ready, true);
  });

  it('goes on the same after its ring was put back', () => {
    const recent = new RecentValues(5);
    for (const value of [3, 1, 4, 1, 5, 9, 2]) recent.push(value);
    const copy = new RecentValues(5);
    for (let place = 0; place < recent.size; place++) copy.putBack(place, recent.valueAt(place));
    copy.resume(recent.count, recent.next);
    for (const value of [6, 5, 3, 5]) {
      recent.push(value);
      copy.push(value);
      assert.deepEqual([copy.median, copy.mad], [recent.median, recent.mad]);
    }
  });
});
