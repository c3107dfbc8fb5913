import assert from 'node:assert/strict';
import fc from 'fast-check';
import { indexByChance, stabilityIndex } from '../../../processors/drift/stability-index.ts';
import { seed } from '../../support/seed.ts';
import { random } from '../untidy.ts';

const histogram = { edges: [1, 2, 4], shares: [0.25, 0.25, 0.25, 0.25, 0] };

describe('population stability index', () => {
  it('equals the sum in its definition', () => {
    // So many rows that half a row more in each bin does not matter.
    const counts = [4e6, 3e6, 2e6, 1e6, 0];
    const byHand = [0.4, 0.3, 0.2, 0.1].reduce(
      (total, share) => total + (share - 0.25) * Math.log(share / 0.25),
      0,
    );
    assert.ok(Math.abs(stabilityIndex(counts, histogram) - byHand) < 1e-4);
    assert.ok(Math.abs(byHand - 0.2282) < 1e-4);
  });

  it('is never negative, and 0 for the same shares', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 5, maxLength: 5 }), (counts) => {
        fc.pre(counts.some((count) => count > 0));
        assert.ok(stabilityIndex(counts, histogram) >= 0);
      }),
      { seed },
    );
    assert.ok(stabilityIndex([250, 250, 250, 250, 0], histogram) < 1e-12);
  });

  it('stays finite when a bin becomes empty, or is no longer empty', () => {
    const psi = stabilityIndex([0, 0, 0, 0, 1000], histogram);
    assert.ok(Number.isFinite(psi) && psi > 5);
  });

  it('says which bin has moved most', () => {
    const adds: number[] = [];
    const psi = stabilityIndex([100, 250, 250, 400, 0], histogram, (bin, more) => (adds[bin] = more));
    assert.ok(Math.abs(adds.reduce((sum, each) => sum + each, 0) - psi) < 1e-12);
    assert.equal(adds.indexOf(Math.max(...adds)), 0);
  });

  it('has by chance the value that its distribution without drift predicts', () => {
    const draw = random(seed);
    const [rounds, rows] = [400, 200];
    let total = 0;
    for (let round = 0; round < rounds; round++) {
      const counts = [0, 0, 0, 0, 0];
      for (let row = 0; row < rows; row++) {
        const bin = Math.floor(draw() * 4);
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      total += stabilityIndex(counts, histogram);
    }
    const expected = indexByChance(rows, 4);
    assert.ok(Math.abs(total / rounds / expected - 1) < 0.25, `${total / rounds} and ${expected}`);
  });
});
