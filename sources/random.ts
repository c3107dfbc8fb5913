/**
 * Random numbers that are the same on every machine: xoshiro128** (Blackman and Vigna, "Scrambled Linear
 * Pseudorandom Number Generators", 2018). Each user has a stream of its own, named; so one more strand,
 * signal or fault changes none of the others.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  /** The second of a pair of normal deviates, kept for the next call; NaN when there is none. */
  #spare = Number.NaN;

  /** @param stream its name, equal names giving equal numbers; or the generator's own state, not all zero. */
  constructor(stream: string | readonly [number, number, number, number]) {
    const named = typeof stream === 'string';
    this.#a = named ? hash(stream, 1) : stream[0];
    this.#b = named ? hash(stream, 2) : stream[1];
    this.#c = named ? hash(stream, 3) : stream[2];
    this.#d = named ? hash(stream, 4) | 1 : stream[3]; // all zero is the one state it cannot leave
  }

  /** Even on the whole numbers 0 … 2³² − 1. */
  bits(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** Even on [0, 1). */
  uniform(): number {
    return this.bits() / 0x1_0000_0000;
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Even on [low, high). */
  between([low, high]: readonly [number, number]): number {
    return low + (high - low) * this.uniform();
  }

  /** A whole number, even on 0 … count − 1. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Mean 0, standard deviation 1 (Marsaglia's polar method). */
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

/** 32 bits of a text and a number: FNV-1a, then MurmurHash3's finisher. */
function hash(text: string, salt: number): number {
  let h = Math.imul(0x811c9dc5 ^ salt, 0x01000193);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
