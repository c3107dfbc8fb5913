/** Judging the ensemble, its members and the baselines on the same rows. */
import { baselines } from './naive-baselines.ts';
import type { Judgement } from '../cards/model-card.ts';
import { calibrateEach, combine, fitCombiner } from '../blend/combiner.ts';
import type { Combiner } from '../blend/combiner.ts';
import { isInNoOrder, type Dataset } from '../data/labelled-dataset.ts';
import type { OutOfFold } from '../training/cross-validation.ts';
import { calibrationBins, calibrationError, contender, measureOf, score } from './figures.ts';
import type { Contender, Ruling, Scored } from './figures.ts';
import { drawBlocks, middle } from './bootstrap.ts';
import type { Blocks } from './bootstrap.ts';
import { leadTimes } from './lead.ts';
import { curvesOf } from './ranked.ts';
import { slices } from './parts-of-rows.ts';
import { at, take } from '../numbers/matrix.ts';
import type { Plan } from '../data/plan.ts';
import { costCurve } from '../blend/threshold.ts';

/** The true probability of the target for the row of an asset that ends at `time`, on generated data. */
export type Truth = (asset: string, time: number) => number | undefined;

/** What each contender says of some rows, in the same order. */
export interface Contest {
  readonly rows: Uint32Array;
  readonly ensemble: Float64Array;
  readonly members: readonly { readonly name: string; readonly probabilities: Float64Array }[];
  readonly baselines: readonly { readonly name: string; readonly probabilities: Float64Array }[];
}

/** Every fold's rows, judged by a combiner fitted on the other folds. */
export function crossFitted(dataset: Dataset, plan: Plan, members: readonly OutOfFold[]): Contest {
  const judged = Uint32Array.from(plan.folds.flatMap(({ test }) => Array.from(test)));
  const contests = plan.folds.map(({ test, train }) => {
    const mine = new Set(test);
    const others = judged.filter((row) => !mine.has(row));
    const raw = (rows: Uint32Array): Float64Array[] =>
      members.map(({ probabilities }) => take(probabilities, rows));
    const combiner = fitCombiner(raw(others), take(dataset.labels, others), take(plan.places.group, others));
    return contest(
      dataset,
      combiner,
      members.map(({ kind }) => kind.name),
      raw(test),
      train,
      test,
    );
  });
  return contests.reduce(join);
}

/** One combiner and its members' raw probabilities of `rows`; baselines are fitted on `train`. */
export function contest(
  dataset: Dataset,
  combiner: Combiner,
  names: readonly string[],
  raw: readonly ArrayLike<number>[],
  train: Uint32Array,
  rows: Uint32Array,
): Contest {
  const own = calibrateEach(raw, combiner.own);
  return {
    rows,
    ensemble: combine(combiner, raw),
    members: names.map((name, index) => ({ name, probabilities: own[index] ?? new Float64Array() })),
    baselines: baselines(dataset, train, rows),
  };
}

export interface JudgeOptions extends Ruling {
  readonly truth: Truth | undefined;
  readonly seed: number;
  /** Length of the span that a row judges, and how far it looks back, ms. */
  readonly hop: number;
  readonly look: number;
}

export function judge(dataset: Dataset, plan: Plan, contest: Contest, options: JudgeOptions): Judgement {
  const { rows, ensemble } = contest;
  const { truth, seed } = options;
  const labels = take(dataset.labels, rows);
  const group = take(plan.places.group, rows);
  const blocks = drawBlocks(group, seed);
  const enter = (name: string, probabilities: ArrayLike<number>): Contender =>
    contender(name, probabilities, labels, blocks, options);
  const known = truth === undefined ? undefined : truthOf(dataset, rows, truth);

  const entered = [
    enter('ensemble', ensemble),
    ...contest.members.map(({ name, probabilities }) => enter(name, probabilities)),
    ...contest.baselines.map(({ name, probabilities }) => enter(name, probabilities)),
  ];
  const best = known === undefined ? undefined : enter('best attainable', known);
  const scored = entered.map((each) => score(each, blocks, options));
  const calibration = calibrationBins(ensemble, labels);
  return {
    rows: rows.length,
    positives: labels.reduce((sum, label) => sum + label, 0),
    groups: blocks.groups,
    scores: scored.map((each) => each.score),
    bestAttainable: best === undefined ? null : score(best, blocks, options).score,
    advantage: advantage(scored.slice(0, 1 + contest.members.length), blocks),
    calibration,
    calibrationError: calibrationError(calibration),
    curves: [...entered, ...(best === undefined ? [] : [best])].map(({ name, ranked }) => ({
      name,
      ...curvesOf(ranked),
    })),
    costs: costCurve(ensemble, labels, options.cost),
    slices: slices(dataset, rows, ensemble, { threshold: options.threshold, group, seed }),
    lead: isInNoOrder(dataset) ? null : leadTimes(dataset, rows, ensemble, options),
  };
}

/** The ensemble against its best member by PR-AUC, on the same draws of groups. */
function advantage([ensemble, ...members]: readonly Scored[], blocks: Blocks): Judgement['advantage'] {
  const best = members.reduce<Scored | undefined>(
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

/** Undefined where the true probability of a row is not known. */
function truthOf(dataset: Dataset, rows: Uint32Array, truth: Truth): Float64Array | undefined {
  const { asset, time } = dataset.places;
  const known = Float64Array.from(
    rows,
    (row) => truth(dataset.assets[at(asset, row)] ?? '', at(time, row)) ?? Number.NaN,
  );
  return known.some((probability) => Number.isNaN(probability)) ? undefined : known;
}

export function join(a: Contest, b: Contest): Contest {
  const both = (x: Float64Array, y: Float64Array = new Float64Array()): Float64Array => {
    const joined = new Float64Array(x.length + y.length);
    joined.set(x);
    joined.set(y, x.length);
    return joined;
  };
  return {
    rows: Uint32Array.from([...a.rows, ...b.rows]),
    ensemble: both(a.ensemble, b.ensemble),
    members: a.members.map(({ name, probabilities }, i) => ({
      name,
      probabilities: both(probabilities, b.members[i]?.probabilities),
    })),
    baselines: a.baselines.map(({ name, probabilities }, i) => ({
      name,
      probabilities: both(probabilities, b.baselines[i]?.probabilities),
    })),
  };
}
