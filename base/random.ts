/**
 * Random numbers that are the same on every machine: xoshiro128** (Blackman and Vigna, "Scrambled Linear
 * Pseudorandom Number Generators", 2018). There is one generator with two classes on top, which differ in how they are seeded
 * and how they make normal deviates. Neither may change: that would change every simulated record or every trained bundle.
 */

/** Four words of 32 bits. They must not all be zero, because the generator cannot leave that state. */
export type RandomState = readonly [number, number, number, number];

/** The generator, and the draws that both classes make in the same way. */
export class Xoshiro128 {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor([a, b, c, d]: RandomState) {
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }

  /** Returns a whole number, uniform on 0 … 2³² − 1. */
  bits(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return result;
  }

  /** Returns a number, uniform on [0, 1). */
  uniform(): number {
    return this.bits() / 0x1_0000_0000;
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Returns a number, uniform on [low, high). */
  between([low, high]: readonly [number, number]): number {
    return low + (high - low) * this.uniform();
  }

  /** Returns a whole number, uniform on 0 … count − 1. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Shuffles in place (Fisher and Yates). */
  shuffle(values: Uint32Array): Uint32Array {
    for (let i = values.length - 1; i > 0; i -= 1) {
      const j = this.below(i + 1);
      const kept = values[i] ?? 0;
      values[i] = values[j] ?? 0;
      values[j] = kept;
    }
    return values;
  }
}

/**
 * For the simulator, the faults of sources, and the bench. It is seeded with a name; equal names give equal numbers. Each
 * strand, signal and fault has its own stream, so adding one changes none of the others.
 */
export class NamedRandom extends Xoshiro128 {
  /** The second of a pair of normal deviates, kept for the next call; NaN when there is none. */
  #spare = Number.NaN;

  constructor(name: string) {
    super([hash(name, 1), hash(name, 2), hash(name, 3), hash(name, 4) | 1]);
  }

  /** Returns a normal deviate: mean 0, standard deviation 1 (Marsaglia's polar method, which makes two at a time). */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = y * factor;
      return x * factor;
    }
  }
}

/**
 * For training and judging models. It is seeded with the run's seed, a number, and a purpose, which keeps the streams of
 * different uses apart.
 */
export class SeededRandom extends Xoshiro128 {
  constructor(seed: number, purpose: string) {
    super(seedState(seed, purpose));
  }

  /** Returns a normal deviate: mean 0, standard deviation 1 (Box and Muller, one of the pair). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** Hashes a text and a number to 32 bits: FNV-1a, then MurmurHash3's finisher. */
function hash(text: string, salt: number): number {
  let h = Math.imul(0x811c9dc5 ^ salt, 0x01000193);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Returns four words of splitmix32, seeded with the seed and the purpose. */
function seedState(seed: number, purpose: string): RandomState {
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
