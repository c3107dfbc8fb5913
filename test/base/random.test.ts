import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { NamedRandom, SeededRandom, Xoshiro128 } from '../../base/random.ts';

/** The values that both classes draw, one after another. */
function digestOf(randoms: readonly (NamedRandom | SeededRandom)[]): string {
  const hash = createHash('sha256');
  for (const random of randoms)
    for (let i = 0; i < 1_000; i++)
      hash.update(`${random.uniform()} ${random.normal()} ${random.below(i + 1)} `);
  return hash.digest('hex').slice(0, 16);
}

function moments(draw: () => number): readonly [number, number] {
  const values = Array.from({ length: 200_000 }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
}

describe('base/random', () => {
  it('is xoshiro128**', () => {
    // computed with big integers from the published recurrence, state 1, 2, 3, 4
    const random = new Xoshiro128([1, 2, 3, 4]);
    const drawn = Array.from({ length: 8 }, () => random.bits());
    assert.deepEqual(drawn, [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849]);
  });

  it('gives the simulator the same numbers from release to release', () => {
    const random = new NamedRandom('seed|line/S1|signal');
    const [bits, uniform, ...normals] = [
      random.bits(),
      random.uniform(),
      random.normal(),
      random.normal(),
      random.normal(),
    ];
    assert.deepEqual([bits, uniform], [879875744, 0.9107596022076905]);
    assert.deepEqual(normals, [0.5820930642792304, 1.112149741355533, -0.20429176859722895]);
    assert.deepEqual(
      [random.below(1_000), random.between([2, 5]), random.chance(0.5)],
      [315, 3.792692745802924, true],
    );
    assert.equal(digestOf(['', 'a', 'line/S1'].map((name) => new NamedRandom(name))), '5e52c931ed0c12e0');
  });

  it('gives training the same numbers from release to release', () => {
    const random = new SeededRandom(42, 'folds');
    assert.deepEqual(
      [random.uniform(), random.normal(), random.normal(), random.below(1_000)],
      [0.3495408196467906, 0.25970919843614365, 2.2342690321778758, 796],
    );
    assert.deepEqual(
      [...random.shuffle(Uint32Array.from([0, 1, 2, 3, 4, 5, 6, 7]))],
      [1, 5, 4, 2, 6, 7, 0, 3],
    );
    const seeds = [0, 1, 2 ** 31, 2 ** 32 - 1];
    assert.equal(digestOf(seeds.map((seed) => new SeededRandom(seed, 'bootstrap'))), '5d9691cf7a4eb25a');
  });

  it('gives equal numbers for equal names and seeds, and different numbers for others', () => {
    const draw = (random: Xoshiro128): string => Array.from({ length: 50 }, () => random.bits()).join();
    assert.equal(draw(new NamedRandom('a')), draw(new NamedRandom('a')));
    assert.equal(draw(new SeededRandom(1, 'a')), draw(new SeededRandom(1, 'a')));
    const names = Array.from({ length: 500 }, (_, i) => new NamedRandom(`seed|line/S${i}|signal`));
    const seeds = Array.from({ length: 500 }, (_, i) => new SeededRandom(i, 'folds'));
    const all = [...names, ...seeds, new SeededRandom(1, 'bootstrap')];
    assert.equal(new Set(all.map(draw)).size, all.length);
  });

  it('draws uniform numbers, and normal ones with mean 0 and deviation 1', () => {
    for (const random of [new NamedRandom('moments'), new SeededRandom(1, 'moments')]) {
      const [mean, variance] = moments(() => random.uniform());
      assert.ok(Math.abs(mean - 0.5) < 0.004 && Math.abs(variance - 1 / 12) < 0.002);
      const [normalMean, normalVariance] = moments(() => random.normal());
      assert.ok(Math.abs(normalMean) < 0.012 && Math.abs(normalVariance - 1) < 0.02);
    }
  });

  it('draws deviates beyond two as often as a normal distribution', () => {
    for (const random of [new NamedRandom('tails'), new SeededRandom(1, 'tails')]) {
      const [beyond] = moments(() => (Math.abs(random.normal()) > 2 ? 1 : 0));
      assert.ok(Math.abs(beyond - 0.0455) < 0.0024);
    }
  });

  it('shuffles without losing anything', () => {
    const values = Uint32Array.from({ length: 100 }, (_, i) => i);
    const shuffled = new SeededRandom(3, 'shuffle').shuffle(values.slice());
    assert.notDeepEqual(shuffled, values);
    assert.deepEqual(shuffled.toSorted(), values);
  });
});
