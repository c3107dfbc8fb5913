import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Scans } from '../../../processors/features/scans.ts';
import { ScanFrame } from '../../../processors/features/frame.ts';
import {
  correlation,
  statisticOf,
  summarise,
  type Samples,
} from '../../../processors/features/statistics.ts';
import { seed } from '../../support/seed.ts';
import { small, start, validated } from '../support.ts';

/** A's values (or B's, for tag 1), one per second from the first on; null is missing. */
function samplesOf(
  values: readonly (number | null)[],
  tag = 0,
  others: readonly (number | null)[] = [],
): Samples {
  const scans = new Scans({
    period: 1_000,
    tags: small.tags.map(({ id }) => id),
    capacity: values.length + 2,
  });
  values.forEach((A, at) => scans.put(validated({ at, values: { A, B: others[at] ?? null } })));
  const frame = new ScanFrame(values.length, small.tags.length);
  frame.fill(scans, start / 1_000, start / 1_000 + values.length);
  return { frame, tag, start: 0 };
}

const close = (actual: number, expected: number, scale = 1): void => {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.max(scale, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );
};

describe('statistics', () => {
  it('equal those of a sample computed by hand', () => {
    const summary = summarise(samplesOf([1, 2, 4, 5]));
    assert.deepEqual([summary.count, summary.last, summary.mean, summary.min, summary.max], [4, 5, 3, 1, 5]);
    close(summary.spread, Math.sqrt(10 / 3));
    close(summary.slope, 1.4);
  });

  it('keep a small spread on a large level', () => {
    const summary = summarise(samplesOf([1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.3]));
    assert.ok(Math.abs(summary.spread - 0.1) < 1e-6);
    assert.ok(Math.abs(summary.slope - 0.1) < 1e-6);
  });

  it('are NaN for an empty window, and have no spread for one value', () => {
    const empty = summarise(samplesOf([null, null]));
    assert.ok([empty.last, empty.mean, empty.spread, empty.slope, empty.min, empty.max].every(Number.isNaN));
    const one = summarise(samplesOf([null, 7]));
    assert.deepEqual([one.mean, one.last], [7, 7]);
    assert.ok(Number.isNaN(one.spread) && Number.isNaN(one.slope));
  });

  it('measure time outside the normal band, the range and what is missing', () => {
    const [tag] = small.tags;
    assert.ok(tag);
    const samples = samplesOf([30, 50, null, 70]);
    const ask = (statistic: 'outOfBand' | 'range' | 'missing') =>
      statisticOf(statistic, summarise(samples), samples, tag, 4, 1_000);
    assert.deepEqual([ask('outOfBand'), ask('range'), ask('missing')], [2, 40, 0.25]);
  });

  it('find straight lines exactly, with any values missing', () => {
    const values = fc.array(fc.boolean(), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: -9, max: 9 }),
        fc.integer({ min: -99, max: 99 }),
        (there, slope, level) => {
          const samples = samplesOf(there.map((is, at) => (is ? level + slope * at : null)));
          const summary = summarise(samples);
          if (summary.count >= 2) close(summary.slope, slope, 100);
          else assert.ok(Number.isNaN(summary.slope));
        },
      ),
      { seed },
    );
  });
});

describe('correlation', () => {
  const correlate = (a: readonly (number | null)[], b: readonly (number | null)[]): number => {
    const first = samplesOf(a, 0, b);
    return correlation(first, { ...first, tag: 1 });
  };

  it('is 1, −1 or between', () => {
    close(correlate([1, 2, 3], [10, 20, 30]), 1);
    close(correlate([1, 2, 3], [3, 2, 1]), -1);
    close(correlate([1, 2, 3, 4], [1, -1, -1, 1]), 0);
  });

  it('counts only scans where both are known', () => {
    close(correlate([1, 2, null, 3, 9], [10, 20, 99, 30, null]), 1);
  });

  it('is NaN below three scans, or when a tag is constant', () => {
    assert.ok(Number.isNaN(correlate([1, 2], [1, 2])));
    assert.ok(Number.isNaN(correlate([1, 2, 3], [5, 5, 5])));
  });
});
