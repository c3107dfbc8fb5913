import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RecentValues, recentShape } from '../../../processors/validate/recent-values.ts';
import { seed } from '../../support/seed.ts';

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[half] ?? NaN)
    : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2;
};

const one = (window: number): RecentValues => new RecentValues(recentShape([window]));

describe('RecentValues', () => {
  const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 60 });

  it('computes the median and the median absolute deviation of the last values, for each tag', () => {
    fc.assert(
      fc.property(values, (all) => {
        const recent = new RecentValues(recentShape([4, undefined, 9]));
        const ring = recent.shape.ringOf[2] ?? NaN;
        all.forEach((value, index) => {
          recent.push(0, -value);
          recent.push(ring, value);
          const last = all.slice(Math.max(0, index - 8), index + 1);
          const middle = median(last);
          const spread = recent.spread(ring);
          // + 0, because 0 and −0 are equal here.
          assert.equal(spread.median + 0, middle + 0);
          assert.equal(spread.mad, median(last.map((each) => Math.abs(each - middle))));
        });
      }),
      { seed },
    );
  });

  it('says near the median only when it is true, and always for values with more than half of all values around them', () => {
    const distances = fc.double({ min: 0, max: 120, noNaN: true });
    const small = fc.integer({ min: -3, max: 3 }).map((each) => each / 3);
    fc.assert(
      fc.property(fc.oneof(values, fc.array(small, { minLength: 1 })), distances, (all, distance) => {
        const recent = one(9);
        all.forEach((value, index) => {
          const last = all.slice(Math.max(0, index - 9), index);
          const near = recent.isNearMedian(0, value, distance);
          if (near && last.length > 0) assert.ok(Math.abs(value - median(last)) <= distance);
          const around = last.filter((each) => Math.abs(each - value) <= distance);
          if (2 * around.length > last.length) assert.ok(near);
          recent.push(0, value);
        });
      }),
      { seed },
    );
  });

  it('judges when half full', () => {
    const recent = one(4);
    recent.push(0, 1);
    assert.equal(recent.isReady(0), false);
    recent.push(0, 2);
    assert.equal(recent.isReady(0), true);
  });

  it('continues the same after its ring was restored', () => {
    const recent = one(5);
    for (const value of [3, 1, 4, 1, 5, 9, 2]) recent.push(0, value);
    const copy = one(5);
    for (let place = 0; place < 5; place++) copy.putBack(0, place, recent.valueAt(0, place));
    copy.resume(0, recent.count(0), recent.next(0));
    for (const value of [6, 5, 3, 5]) {
      recent.push(0, value);
      copy.push(0, value);
      assert.deepEqual(copy.spread(0), recent.spread(0));
    }
  });
});
