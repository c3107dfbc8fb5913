/**
 * Proposes the next trial with a tree-structured Parzen estimator (Bergstra et al. 2011), each dimension separately.
 * It splits the trials into the better quarter and the rest, and draws candidates from the density of the better
 * ones. It takes the candidate with the highest ratio of the two densities.
 */
import type { SeededRandom } from '../../base/random.ts';

export interface Tried {
  /** A point in the unit cube. */
  readonly point: readonly number[];
  /** Higher is better. */
  readonly score: number;
}

/** Number of trials that are drawn uniformly, before there are enough for densities. */
const startUp = 6;
const candidates = 24;
const betterShare = 0.25;

export function propose(tried: readonly Tried[], dimensions: number, random: SeededRandom): number[] {
  if (tried.length < startUp) return Array.from({ length: dimensions }, () => random.uniform());
  const ordered = tried.toSorted((a, b) => b.score - a.score);
  const count = Math.max(2, Math.ceil(betterShare * ordered.length));
  const [better, rest] = [ordered.slice(0, count), ordered.slice(count)];
  return Array.from({ length: dimensions }, (_, dimension) => {
    const centres = (some: readonly Tried[]): number[] => some.map(({ point }) => point[dimension] ?? 0.5);
    return mostTelling(centres(better), centres(rest), random);
  });
}

function mostTelling(better: readonly number[], rest: readonly number[], random: SeededRandom): number {
  let best = { value: 0.5, ratio: -Infinity };
  for (let i = 0; i < candidates; i += 1) {
    const value = draw(better, random);
    const ratio = Math.log(density(better, value)) - Math.log(density(rest, value));
    if (ratio > best.ratio) best = { value, ratio };
  }
  return best.value;
}

/** The width of a kernel; more points give narrower kernels. */
const widthOf = (centres: readonly number[]): number => Math.max(0.08, 0.5 / Math.sqrt(centres.length + 1));

/** Draws from one of the kernels, or from the complete range, which counts as one more kernel. */
function draw(centres: readonly number[], random: SeededRandom): number {
  const centre = centres[random.below(centres.length + 1)];
  if (centre === undefined) return random.uniform();
  const value = centre + widthOf(centres) * random.normal();
  return value < 0 || value > 1 ? random.uniform() : value;
}

function density(centres: readonly number[], value: number): number {
  const width = widthOf(centres);
  const kernels = centres.reduce(
    (sum, centre) =>
      sum + Math.exp(-0.5 * ((value - centre) / width) ** 2) / (width * Math.sqrt(2 * Math.PI)),
    1,
  );
  return kernels / (centres.length + 1);
}
