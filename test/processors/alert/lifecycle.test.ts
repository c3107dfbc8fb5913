import assert from 'node:assert/strict';
import fc from 'fast-check';
import { advanceLifecycle, normal, type Limits } from '../../../processors/alert/lifecycle.ts';
import { seed } from '../../support/seed.ts';

const above: Limits = { direction: 'above', limit: 10, deadBand: 2, onDelay: 10, offDelay: 20, silence: 10 };

/** Runs the values, 5 ms apart. @returns each transition as `time NAME` */
function play(values: readonly number[], limits: Limits = above) {
  const state = normal();
  const transitions = values.flatMap((value, index) =>
    advanceLifecycle(state, value, 5 * index, limits).map((transition) => `${5 * index} ${transition}`),
  );
  return { transitions, state };
}

describe('alarm life cycle', () => {
  it('raises after the on-delay and clears after the off-delay', () => {
    const { transitions } = play([0, 11, 12, 13, 12, 8, 7, 7, 7, 7, 7]);
    assert.deepEqual(transitions, ['15 RAISED', '45 RETURNED_TO_NORMAL', '45 CLEARED']);
  });

  it('forgets an excursion that is shorter than the on-delay', () => {
    assert.deepEqual(play([0, 11, 11, 0, 11, 11, 0]).transitions, []);
  });

  it('stays raised inside the dead-band for any time', () => {
    const { transitions, state } = play([11, 11, 11, 9, 9, 9, 9, 9, 9, 9, 9, 9]);
    assert.deepEqual(transitions, ['10 RAISED']);
    assert.equal(state.phase, 'raised');
  });

  it('restarts the off-delay when the value leaves normal again', () => {
    const { transitions } = play([11, 11, 11, 8, 8, 8, 9, 8, 8, 8, 8, 8]);
    assert.deepEqual(transitions, ['10 RAISED', '55 RETURNED_TO_NORMAL', '55 CLEARED']);
  });

  it('returns on the edge of the dead-band, and does not raise on the limit, as people write these numbers', () => {
    const limits: Limits = { ...above, limit: 0.3, deadBand: 0.1, onDelay: 0, offDelay: 0 };
    // In binary, 0.3 − 0.1 is less than 0.2, 0.1 + 0.2 is more than 0.3, and the mean of three times 0.2 is more than 0.2.
    const cycle = ['5 RAISED', '10 RETURNED_TO_NORMAL', '10 CLEARED'];
    for (const edge of [0.2, (0.2 + 0.2 + 0.2) / 3])
      assert.deepEqual(play([0.1 + 0.2, 0.31, edge], limits).transitions, cycle);
    const below: Limits = { ...limits, direction: 'below', limit: 0.1, deadBand: 0.2 };
    assert.deepEqual(play([0.1, 0.09, 0.3], below).transitions, cycle);
    assert.deepEqual(play([0.1, 0.09, 0.29], below).transitions, ['5 RAISED']);
  });

  it('keeps the furthest value of the excursion', () => {
    assert.equal(play([11, 30, 12, 11]).state.peak, 30);
    const below: Limits = { ...above, direction: 'below' };
    assert.equal(play([9, 3, 8, 9], below).state.peak, 3);
  });

  it('works for limits below, too', () => {
    const below: Limits = { ...above, direction: 'below', onDelay: 0, offDelay: 0 };
    assert.deepEqual(play([10, 9, 11, 12], below).transitions, [
      '5 RAISED',
      '15 RETURNED_TO_NORMAL',
      '15 CLEARED',
    ]);
  });

  it('neither raises nor clears on values that are not known', () => {
    assert.deepEqual(play([11, NaN, NaN, NaN, NaN]).transitions, []);
    assert.deepEqual(play([11, 11, 11, 5, NaN, NaN, NaN, NaN, NaN, NaN]).transitions, ['10 RAISED']);
  });

  it('restarts the delays after a gap', () => {
    assert.deepEqual(play([11, NaN, NaN, NaN, 11, 11]).transitions, []);
    assert.deepEqual(play([11, NaN, 11]).transitions, ['10 RAISED']); // a gap of 10 is no silence yet
  });

  it('does nothing while there is no limit', () => {
    assert.deepEqual(play([99, 99, 99, 99], { ...above, limit: NaN }).transitions, []);
  });

  it('never raises twice without clearing between, for any values and delays', () => {
    const values = fc.array(fc.oneof(fc.double({ min: 0, max: 20 }), fc.constant(NaN)), { maxLength: 120 });
    const delay = fc.constantFrom(0, 5, 10, 25);
    fc.assert(
      fc.property(
        values,
        delay,
        delay,
        fc.double({ min: 0, max: 9, noNaN: true }),
        (all, onDelay, offDelay, deadBand) => {
          const { transitions } = play(all, { ...above, onDelay, offDelay, deadBand });
          const cycle = ['RAISED', 'RETURNED_TO_NORMAL', 'CLEARED'];
          transitions.forEach((each, index) => {
            assert.equal(each.split(' ')[1], cycle[index % 3]);
          });
        },
      ),
      { seed },
    );
  });
});
