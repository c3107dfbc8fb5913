/**
 * Generates random numbers from a seed with xoshiro128** (Blackman and Vigna, 2018), seeded by splitmix32. The same
 * seed and purpose give the same numbers on every machine.
 */

export interface SeededRandom {
  /** A number in [0, 1). */
  uniform(): number;
  /** A standard normal number. */
  normal(): number;
  /** An integer in [0, below). */
  integer(below: number): number;
  /** Shuffles in place (Fisher and Yates). */
  shuffle(values: Uint32Array): Uint32Array;
}

/** @param purpose gives each use of a seed its own stream of numbers */
export function createRandom(seed: number, purpose: string): SeededRandom {
  const state = seedState(seed, purpose);

  const next = (): number => {
    const [s0, s1, s2, s3] = state;
    const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
    const t2 = s2 ^ s0;
    const t3 = s3 ^ s1;
    state[1] = s1 ^ t2;
    state[0] = s0 ^ t3;
    state[2] = t2 ^ (s1 << 9);
    state[3] = rotate(t3, 11);
    return result;
  };
  const uniform = (): number => next() / 4294967296;
  const integer = (below: number): number => Math.floor(uniform() * below);
  return {
    uniform,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i -= 1) {
        const j = integer(i + 1);
        const kept = values[i] ?? 0;
        values[i] = values[j] ?? 0;
        values[j] = kept;
      }
      return values;
    },
  };
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

function seedState(seed: number, purpose: string): [number, number, number, number] {
  let hash = seed >>> 0;
  for (let i = 0; i < purpose.length; i += 1)
    hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193) >>> 0;
  const splitmix = (): number => {
    hash = (hash + 0x9e3779b9) | 0;
    let z = hash ^ (hash >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
  return [splitmix(), splitmix(), splitmix(), splitmix()];
}
