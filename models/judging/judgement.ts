/** Judges the ensemble, its members and the baselines on the same rows. */
import { costCurve } from '../blend/threshold.ts';
import { isInNoOrder, type Dataset } from '../data/labelled-dataset.ts';
import type { Plan } from '../data/plan.ts';
import { at, take } from '../numbers/matrix.ts';
import { drawBlocks, middle, type Between, type Blocks } from './bootstrap.ts';
import type { Contest } from './contest.ts';
import {
  calibrationError,
  contestantOf,
  measureOf,
  reliabilityBins,
  scoreContestant,
  type Contestant,
  type ReliabilityBin,
  type Score,
  type ScoredContestant,
} from './figures.ts';
import type { JudgeOptions, TrueProbability } from './judge-options.ts';
import { leadTimes, type Lead } from './lead.ts';
import { judgeParts, type PartJudgement } from './parts-of-rows.ts';
import { curvesOf, type Curves } from '../numbers/ranked-rows.ts';

/** The judgement of models on rows that they did not learn from. */
export interface Judgement {
  readonly rows: number;
  readonly positives: number;
  /** Blocks of the bootstrap: pieces, files, or blocks of time. */
  readonly groups: number;
  /** The ensemble first, then its members, then the baselines. */
  readonly scores: readonly Score[];
  /** The figures of the true probability; null unless the data was generated. */
  readonly bestAttainable: Score | null;
  /** The ensemble's figure minus that of its best member. */
  readonly advantage: {
    readonly over: string;
    readonly prAuc: { readonly value: number; readonly between: Between };
    readonly rocAuc: { readonly value: number; readonly between: Between };
  } | null;
  readonly calibration: readonly ReliabilityBin[];
  /** Mean distance of predicted and observed over the bins. */
  readonly calibrationError: number;
  readonly curves: readonly (Curves & { readonly name: string })[];
  readonly costs: readonly { readonly threshold: number; readonly cost: number }[];
  readonly slices: readonly PartJudgement[];
  /** Null where rows are in no order. */
  readonly lead: Lead | null;
}

/** The share of the way from guessing (0.5) to the best attainable ROC-AUC; undefined unless the data was generated. */
export function shareOfAttainable({ scores, bestAttainable }: Judgement): number | undefined {
  const ensemble = scores[0];
  if (bestAttainable === null || ensemble === undefined) return undefined;
  return (ensemble.rocAuc - 0.5) / (bestAttainable.rocAuc - 0.5);
}

export function judgeContest(
  dataset: Dataset,
  plan: Plan,
  contest: Contest,
  options: JudgeOptions,
): Judgement {
  const { rows, ensemble } = contest;
  const { truth, seed } = options;
  const labels = take(dataset.labels, rows);
  const group = take(plan.places.group, rows);
  const blocks = drawBlocks(group, seed);
  const enter = (name: string, probabilities: ArrayLike<number>): Contestant =>
    contestantOf(name, probabilities, labels, blocks, options);
  const known = truth === undefined ? undefined : truthOf(dataset, rows, truth);

  const entered = [
    enter('ensemble', ensemble),
    ...contest.members.map(({ name, probabilities }) => enter(name, probabilities)),
    ...contest.baselines.map(({ name, probabilities }) => enter(name, probabilities)),
  ];
  const best = known === undefined ? undefined : enter('best attainable', known);
  const scored = entered.map((each) => scoreContestant(each, blocks, options));
  const calibration = reliabilityBins(ensemble, labels);
  return {
    rows: rows.length,
    positives: labels.reduce((sum, label) => sum + label, 0),
    groups: blocks.groups,
    scores: scored.map((each) => each.score),
    bestAttainable: best === undefined ? null : scoreContestant(best, blocks, options).score,
    advantage: advantage(scored.slice(0, 1 + contest.members.length), blocks),
    calibration,
    calibrationError: calibrationError(calibration),
    curves: [...entered, ...(best === undefined ? [] : [best])].map(({ name, ranked }) => ({
      name,
      ...curvesOf(ranked),
    })),
    costs: costCurve(ensemble, labels, options.cost),
    slices: judgeParts(dataset, rows, ensemble, group, options),
    lead: isInNoOrder(dataset) ? null : leadTimes(dataset, rows, ensemble, options),
  };
}

/** Compares the ensemble with its best member by PR-AUC, on the same draws of groups. */
function advantage(
  [ensemble, ...members]: readonly ScoredContestant[],
  blocks: Blocks,
): Judgement['advantage'] {
  const best = members.reduce<ScoredContestant | undefined>(
    (so, each) => (so === undefined || each.score.prAuc > so.score.prAuc ? each : so),
    undefined,
  );
  if (ensemble === undefined || best === undefined) return null;
  const over = (measure: 'rocAuc' | 'prAuc'): Advantage => ({
    value: measureOf(ensemble.score, measure) - measureOf(best.score, measure),
    between: middle(
      blocks.draws.map((_, draw) => {
        const [mine, theirs] = [ensemble.drawn[draw], best.drawn[draw]];
        return mine === undefined || theirs === undefined
          ? Number.NaN
          : measureOf(mine, measure) - measureOf(theirs, measure);
      }),
    ),
  });
  return { over: best.score.name, prAuc: over('prAuc'), rocAuc: over('rocAuc') };
}

type Advantage = NonNullable<Judgement['advantage']>['prAuc'];

/** The true probabilities of the rows; undefined where one is not known. */
function truthOf(dataset: Dataset, rows: Uint32Array, truth: TrueProbability): Float64Array | undefined {
  const { asset, time } = dataset.places;
  const known = Float64Array.from(
    rows,
    (row) => truth(dataset.assets[at(asset, row)] ?? '', at(time, row)) ?? Number.NaN,
  );
  return known.some((probability) => Number.isNaN(probability)) ? undefined : known;
}
