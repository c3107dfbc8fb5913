import assert from 'node:assert/strict';
import {
  cellName,
  clock,
  decimals,
  delay,
  domId,
  moment,
  percentText,
  formatQuantity,
} from '../../../gateway/console/format.ts';

describe('console/format', () => {
  it('writes shares as percentages, with a decimal near the ends', () => {
    assert.deepEqual([0, 0.0734, 0.0996, 0.42, 0.9961, 1].map(percentText), [
      '0.0\u00a0%',
      '7.3\u00a0%',
      '10\u00a0%',
      '42\u00a0%',
      '99.6\u00a0%',
      '100\u00a0%',
    ]);
  });

  it('writes quantities with about three digits', () => {
    assert.deepEqual([0, 0.0123, 7.126, 42.35, 1543.6, -3.2, Number.NaN].map(formatQuantity), [
      '0.000',
      '0.012',
      '7.13',
      '42.4',
      '1544',
      '−3.20',
      '–',
    ]);
  });

  it('writes a tag with the decimals that its normal band needs, and never as -0', () => {
    assert.equal(decimals([0.7, 1.3])(1.0512), '1.05');
    assert.equal(decimals([1530, 1570])(1543.6), '1544');
    assert.equal(decimals([-11, 9])(-0.04), '0.0');
    assert.equal(decimals([-11, 9])(-3.21), '−3.2');
  });

  it('writes times in the given time zone, with the day when it is not today', () => {
    const time = Date.UTC(2020, 2, 9, 14, 3, 12);
    assert.equal(clock(time, 'UTC'), '14:03:12');
    assert.match(moment(time, time), /^\d\d:03:12$/);
    assert.match(moment(time, time + 3 * 86_400_000), /^(8|9|10) Mar 2020, \d\d:03:12$/);
  });

  it('writes delays', () => {
    assert.deepEqual([-3, 180.4, 2_340, 42_000].map(delay), ['0 ms', '180 ms', '2.3 s', '42 s']);
  });

  it('makes a name and an id from any asset path', () => {
    assert.equal(cellName('E/S/A/L/valve 1-0'), 'valve 1-0');
    assert.equal(domId('asset', 'E/S/A/L/valve 1'), 'asset-E-S-A-L-valve-1');
  });
});
