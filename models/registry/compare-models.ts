/**
 * Compares champion and candidate on the same rows: those that both answered and that Quality Management has since
 * labelled. Differences are computed within each draw of complete groups, so rows that are hard for both do not blur
 * them.
 */
import { drawBlocks, middle, type Between } from '../judging/bootstrap.ts';
import {
  contestantOf,
  measureOf,
  measures,
  scoreContestant,
  type Measure,
  type Score,
} from '../judging/figures.ts';
import { at } from '../numbers/matrix.ts';
import type { Cost } from '../blend/threshold.ts';

export interface JudgedRow {
  /** 1: defect found; 0: inspected and no defect found. */
  readonly label: number;
  /** Rows of one group (a heat, or an hour of an asset) are not independent. */
  readonly group: string;
  readonly champion: number;
  readonly candidate: number;
}

export interface CompareOptions {
  readonly thresholds: { readonly champion: number; readonly candidate: number };
  readonly cost: Cost;
  readonly names: { readonly champion: string; readonly candidate: string };
  readonly seed: number;
}

export interface Difference {
  /** Candidate minus champion. */
  readonly value: number;
  /** The middle 90 % of the draws. */
  readonly between: Between;
  readonly verdict: 'better' | 'worse' | 'open';
}

export interface ModelComparison {
  readonly rows: number;
  readonly positives: number;
  readonly groups: number;
  readonly champion: Score;
  readonly candidate: Score;
  readonly differences: Readonly<Record<Measure, Difference>>;
}

/** The measures where less is better. */
const losses: ReadonlySet<Measure> = new Set(['brier', 'logLoss', 'cost']);

/** @returns undefined until there are labels of both outcomes */
export function compareModels(
  rows: readonly JudgedRow[],
  options: CompareOptions,
): ModelComparison | undefined {
  const labels = Float64Array.from(rows, ({ label }) => Math.sign(label));
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === rows.length) return undefined;
  const blocks = drawBlocks(numbered(rows), options.seed);
  const [champion, candidate] = (['champion', 'candidate'] as const).map((who) => {
    const ruling = { threshold: options.thresholds[who], cost: options.cost };
    const probabilities = Float64Array.from(rows, (row) => row[who]);
    return scoreContestant(
      contestantOf(options.names[who], probabilities, labels, blocks, ruling),
      blocks,
      ruling,
    );
  });
  if (champion === undefined || candidate === undefined) return undefined;
  const differences = Object.fromEntries(
    measures.map((measure) => {
      const value = measureOf(candidate.score, measure) - measureOf(champion.score, measure);
      const drawn = candidate.drawn.map((figures, draw) => {
        const other = champion.drawn[draw];
        return other === undefined ? NaN : measureOf(figures, measure) - measureOf(other, measure);
      });
      const between = middle(drawn);
      return [measure, { value, between, verdict: verdictOf(measure, between) }];
    }),
  ) as Record<Measure, Difference>;
  return {
    rows: rows.length,
    positives,
    groups: blocks.groups,
    champion: champion.score,
    candidate: candidate.score,
    differences,
  };
}

function verdictOf(measure: Measure, between: Between): Difference['verdict'] {
  if (between === null || (at(between, 0) <= 0 && at(between, 1) >= 0)) return 'open';
  const isHigher = at(between, 0) > 0;
  return isHigher === losses.has(measure) ? 'worse' : 'better';
}

function numbered(rows: readonly JudgedRow[]): Uint32Array {
  const numbers = new Map<string, number>();
  return Uint32Array.from(rows, ({ group }) => {
    const known = numbers.get(group) ?? numbers.size;
    numbers.set(group, known);
    return known;
  });
}
