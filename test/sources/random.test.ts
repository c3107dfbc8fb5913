import assert from 'node:assert/strict';
import { Random } from '../../sources/random.ts';

describe('sources/random', () => {
  it('is xoshiro128**', () => {
    // reckoned with whole numbers of any size from the published recurrence, state 1, 2, 3, 4
    const random = new Random([1, 2, 3, 4]);
    const drawn = Array.from({ length: 8 }, () => random.bits());
    assert.deepEqual(drawn, [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849]);
  });

  it('gives equal streams equal numbers and others other ones', () => {
    const draw = (name: string) => {
      const random = new Random(name);
      return Array.from({ length: 50 }, () => random.bits()).join();
    };
    assert.equal(draw('a'), draw('a'));
    const names = Array.from({ length: 500 }, (_, i) => `seed|line/S${i}|signal`);
    assert.equal(new Set(names.map(draw)).size, names.length);
  });

  it('draws evenly, and normally with mean 0 and deviation 1', () => {
    const random = new Random('moments');
    const n = 200_000;
    let [even, sum, squares, beyond] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      even += random.uniform();
      const x = random.normal();
      sum += x;
      squares += x * x;
      if (Math.abs(x) > 2) beyond++;
    }
    // five standard errors each
    assert.ok(Math.abs(even / n - 0.5) < 5 * Math.sqrt(1 / 12 / n));
    assert.ok(Math.abs(sum / n) < 5 / Math.sqrt(n));
    assert.ok(Math.abs(squares / n - 1) < 5 * Math.sqrt(2 / n));
    assert.ok(Math.abs(beyond / n - 0.0455) < 5 * Math.sqrt((0.0455 * 0.9545) / n));
  });
});
