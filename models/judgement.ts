/** Judging the ensemble, its members and the baselines on the same rows. */
import { baselines } from './baselines.ts';
import type { Judgement } from './card.ts';
import { calibrateEach, combine, fitCombiner } from './combiner.ts';
import type { Combiner } from './combiner.ts';
import type { Dataset } from './dataset.ts';
import type { OutOfFold } from './develop.ts';
import { calibrationBins, rocAucInterval, scoreProbabilities, scoreRanking } from './judge.ts';
import { ascending, at, take } from './matrix.ts';
import type { Plan } from './plan.ts';
import type { Cost } from './threshold.ts';

/** The true probability of the target for the row of an asset that ends at `time`, on generated data. */
export type Truth = (asset: string, time: number) => number | undefined;

/** What each contender says of some rows, in the same order. */
export interface Contest {
  readonly rows: Uint32Array;
  readonly ensemble: Float64Array;
  readonly members: readonly { readonly name: string; readonly probabilities: Float64Array }[];
  readonly baselines: readonly { readonly name: string; readonly scores: Float64Array }[];
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
    // As ranks, so that rules on different features can stand side by side.
    baselines: baselines(dataset, train, rows).map(({ name, scores }) => ({ name, scores: ranks(scores) })),
  };
}

export interface JudgeOptions {
  readonly threshold: number;
  readonly cost: Cost;
  readonly truth: Truth | undefined;
  readonly seed: number;
}

export function judge(dataset: Dataset, plan: Plan, contenders: Contest, options: JudgeOptions): Judgement {
  const { rows, ensemble } = contenders;
  const { threshold, cost, truth, seed } = options;
  const labels = take(dataset.labels, rows);
  const named = [{ name: 'ensemble', probabilities: ensemble }, ...contenders.members];
  return {
    rows: rows.length,
    positives: labels.reduce((sum, label) => sum + label, 0),
    scores: [
      ...named.map(({ name, probabilities }) =>
        scoreProbabilities(name, probabilities, labels, threshold, cost),
      ),
      ...contenders.baselines.map(({ name, scores }) => scoreRanking(name, scores, labels)),
    ],
    rocAucInterval: rocAucInterval(ensemble, labels, take(plan.places.group, rows), seed),
    bestAttainable: truth === undefined ? null : attainable(dataset, rows, labels, truth, options),
    calibration: calibrationBins(ensemble, labels),
  };
}

function attainable(
  dataset: Dataset,
  rows: Uint32Array,
  labels: Float64Array,
  truth: Truth,
  { threshold, cost }: JudgeOptions,
): Judgement['bestAttainable'] {
  const { asset, time } = dataset.places;
  const known = Float64Array.from(
    rows,
    (row) => truth(dataset.assets[at(asset, row)] ?? '', at(time, row)) ?? Number.NaN,
  );
  if (known.some((probability) => Number.isNaN(probability))) return null;
  return scoreProbabilities('best attainable', known, labels, threshold, cost);
}

/** Share of the scores at or below each, ties in the middle. */
function ranks(scores: Float64Array): Float64Array {
  const order = ascending(scores);
  const result = new Float64Array(scores.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && at(scores, at(order, end)) === at(scores, at(order, start))) end += 1;
    for (let i = start; i < end; i += 1) result[at(order, i)] = (start + end) / 2 / order.length;
    start = end;
  }
  return result;
}

function join(a: Contest, b: Contest): Contest {
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
    baselines: a.baselines.map(({ name, scores }, i) => ({
      name,
      scores: both(scores, b.baselines[i]?.scores),
    })),
  };
}
