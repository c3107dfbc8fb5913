import assert from 'node:assert/strict';
import { createRandom } from '../../../models/numbers/seeded-random.ts';

describe('random numbers', () => {
  it('are the same for the same seed and purpose, and others otherwise', () => {
    const draw = (seed: number, purpose: string): number[] => {
      const random = createRandom(seed, purpose);
      return Array.from({ length: 20 }, () => random.uniform());
    };
    assert.deepEqual(draw(1, 'a'), draw(1, 'a'));
    assert.notDeepEqual(draw(1, 'a'), draw(2, 'a'));
    assert.notDeepEqual(draw(1, 'a'), draw(1, 'b'));
  });

  it('are uniform and normal by their moments', () => {
    const random = createRandom(1, 'moments');
    const moments = (draw: () => number): [number, number] => {
      const values = Array.from({ length: 50_000 }, draw);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
    };
    const [uniformMean, uniformVariance] = moments(() => random.uniform());
    assert.ok(Math.abs(uniformMean - 0.5) < 0.01 && Math.abs(uniformVariance - 1 / 12) < 0.005);
    const [normalMean, normalVariance] = moments(() => random.normal());
    assert.ok(Math.abs(normalMean) < 0.02 && Math.abs(normalVariance - 1) < 0.03);
  });

  it('shuffle without losing anything', () => {
    const values = Uint32Array.from({ length: 100 }, (_, i) => i);
    const shuffled = createRandom(3, 'shuffle').shuffle(values.slice());
    assert.notDeepEqual(shuffled, values);
    assert.deepEqual(shuffled.toSorted(), values);
  });
});
