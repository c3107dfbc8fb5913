import assert from 'node:assert/strict';
import fc from 'fast-check';
import { boundsOf, fitInterval } from '../../../models/blend/interval.ts';
import { sigmoid } from '../../../models/numbers/matrix.ts';
import { SeededRandom } from '../../../base/random.ts';

/** Calibrated on average, but each group is off by its own shift. */
function draw(groups: number, perGroup: number, shift: number, seed: number) {
  const random = new SeededRandom(seed, 'interval test');
  const rows = Array.from({ length: groups }, (_, group) => {
    const own = shift * random.normal();
    return Array.from({ length: perGroup }, () => {
      const z = 1.5 * random.normal() - 1;
      return { group, p: sigmoid(z), label: random.uniform() < sigmoid(z + own) ? 1 : 0 };
    });
  }).flat();
  return [rows.map(({ p }) => p), rows.map(({ label }) => label), rows.map(({ group }) => group)] as const;
}

describe('interval', () => {
  it('covers new groups about as often as stated', () => {
    const interval = fitInterval(...draw(40, 120, 0.8, 1), 0.9, 1);
    const [p, labels] = draw(40, 120, 0.8, 2);
    let [covered, bins] = [0, 0];
    for (let low = 0; low < 0.9; low += 0.1) {
      const rows = p.flatMap((value, i) => (value >= low && value < low + 0.1 ? [i] : []));
      if (rows.length < 100) continue;
      const mean = (values: readonly number[]): number =>
        rows.reduce((sum, i) => sum + (values[i] ?? 0), 0) / rows.length;
      const { lower, upper } = boundsOf(interval, mean(p), 0);
      const rate = mean(labels);
      bins += 1;
      if (rate >= lower && rate <= upper) covered += 1;
    }
    assert.ok(covered >= bins - 2, `${covered} of ${bins} bins`);
    assert.ok(interval.measured >= 0.85, String(interval.measured));
  });

  it('is wider where groups differ more', () => {
    const width = (shift: number): number => {
      const { lower, upper } = boundsOf(fitInterval(...draw(30, 100, shift, 3), 0.9, 1), 0.3, 0);
      return upper - lower;
    };
    assert.ok(width(2) > 1.5 * width(0));
  });

  it('contains the probability, stays within 0 and 1, and widens with doubt up to 0 … 1', () => {
    const interval = fitInterval(...draw(10, 60, 0.5, 4), 0.9, 1);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, share, (p, a, b) => {
        const [less, more] = [boundsOf(interval, p, Math.min(a, b)), boundsOf(interval, p, Math.max(a, b))];
        assert.ok(0 <= more.lower && more.lower <= less.lower && less.lower <= p);
        assert.ok(p <= less.upper && less.upper <= more.upper + 1e-12 && more.upper <= 1 + 1e-12);
      }),
    );
    assert.deepEqual(boundsOf(interval, 0.4, 1), { lower: 0, upper: 1 });
  });

  it('has a width even where no positive row was seen, and covers such rows of other groups', () => {
    const rare = (seed: number) => {
      const random = new SeededRandom(seed, 'rare');
      const rows = Array.from({ length: 3000 }, (_, i) => {
        const isFault = random.uniform() < 0.04;
        return {
          group: i % 30,
          p: isFault ? 0.9 + 0.1 * random.uniform() : 0.004 * random.uniform(),
          label: isFault ? 1 : 0,
        };
      });
      return [
        rows.map(({ p }) => p),
        rows.map(({ label }) => label),
        rows.map(({ group }) => group),
      ] as const;
    };
    const interval = fitInterval(...rare(1), 0.9, 1);
    assert.ok(
      interval.half.every((half) => half > 0 && half < 0.2),
      interval.half.join(),
    );
    assert.ok(interval.measured > 0.85, String(interval.measured));
    const [p, labels] = rare(2);
    const low = p.filter((_, i) => labels[i] === 0);
    const mean = low.reduce((sum, value) => sum + value, 0) / low.length;
    const { lower, upper } = boundsOf(interval, mean, 0);
    assert.ok(lower === 0 && upper > mean && upper < 0.05, `${lower} to ${upper}`);
  });
});
