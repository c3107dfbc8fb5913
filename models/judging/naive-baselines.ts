/** The baselines that a model has to beat. They are fitted on the training rows and judged on the others. */
import { calibrate, fitPlatt } from '../blend/calibration.ts';
import { isInNoOrder, type Dataset } from '../data/labelled-dataset.ts';
import { fitLogistic, predictLogistic } from '../learners/logistic.ts';
import { at, take, takeRows } from '../numbers/matrix.ts';
import { rocAuc } from '../numbers/score-metrics.ts';

/** Number of evenly spread rows that is enough for a baseline. */
const enough = 8000;

export interface NaiveBaseline {
  readonly name: string;
  /** One for each row of `asked`. */
  readonly probabilities: Float64Array;
}

export function naiveBaselines(dataset: Dataset, train: Uint32Array, asked: Uint32Array): NaiveBaseline[] {
  const some = thinOut(train);
  const labels = take(dataset.labels, some);
  const logistic = fitLogistic(takeRows(dataset.features, some), labels);
  return [
    {
      name: 'logistic regression',
      probabilities: predictLogistic(logistic, takeRows(dataset.features, asked)),
    },
    {
      name: 'one feature against a limit',
      probabilities: ruleProbabilities(
        dataset,
        bestSingleFeature(dataset, some, labels),
        some,
        labels,
        asked,
      ),
    },
    // Rows in no order have no last finding, although they are in some order in a file.
    ...(isInNoOrder(dataset)
      ? []
      : [{ name: 'last finding', probabilities: lastFindingProbabilities(dataset, train, asked) }]),
  ];
}

interface Rule {
  readonly column: number;
  /** 1: high values warn; −1: low values warn. */
  readonly sign: number;
}

/** The single feature that separates the training rows best. */
function bestSingleFeature(dataset: Dataset, rows: Uint32Array, labels: Float64Array): Rule {
  let best = { column: 0, sign: 1, edge: -1 };
  for (let column = 0; column < dataset.features.columns; column += 1) {
    const auc = rocAuc(ruleScores(dataset, { column, sign: 1 }, rows), labels);
    const edge = Math.abs(auc - 0.5);
    if (edge > best.edge) best = { column, sign: auc >= 0.5 ? 1 : -1, edge };
  }
  return best;
}

/**
 * The share of the training rows at or below the score (equal ones count half), as a probability by Platt's sigmoid.
 */
function ruleProbabilities(
  dataset: Dataset,
  rule: Rule,
  train: Uint32Array,
  labels: Float64Array,
  asked: Uint32Array,
): Float64Array {
  const scores = ruleScores(dataset, rule, train);
  const sorted = scores.slice().sort();
  const share = (score: number): number =>
    (below(sorted, score, false) + below(sorted, score, true) + 1) / 2 / (sorted.length + 1);
  const platt = fitPlatt(scores.map(share), labels);
  return ruleScores(dataset, rule, asked).map((score) => calibrate(platt, share(score)));
}

/** The number of `sorted`, which is ascending, that are below `value`, or with `orEqual` at most `value`. */
function below(sorted: Float64Array, value: number, orEqual: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const here = at(sorted, middle);
    if (here < value || (orEqual && here === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A missing value never warns. */
function ruleScores({ features }: Dataset, { column, sign }: Rule, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => {
    const value = sign * at(features.data, row * features.columns + column);
    return Number.isNaN(value) ? -Number.MAX_VALUE : value;
  });
}

/** The rate of the training rows after a good piece, after a bad one, and where there is no finding yet. */
function lastFindingProbabilities(dataset: Dataset, train: Uint32Array, asked: Uint32Array): Float64Array {
  const last = lastFindings(dataset);
  let [all, positive] = [0, 0];
  const counts = new Map<number, { rows: number; positive: number }>();
  for (const row of train) {
    const count = counts.get(at(last, row)) ?? { rows: 0, positive: 0 };
    counts.set(at(last, row), count);
    count.rows += 1;
    count.positive += at(dataset.labels, row);
    all += 1;
    positive += at(dataset.labels, row);
  }
  return Float64Array.from(asked, (row) => {
    const count = counts.get(at(last, row)) ?? { rows: 0, positive: 0 };
    return (count.positive + positive / all) / (count.rows + 1);
  });
}

/**
 * For each row, the label of the latest piece of the same asset that Quality Management had inspected by then,
 * without the present piece; −1 when there is none.
 */
export function lastFindings({ labels, places, facts }: Dataset): Int8Array {
  const rows = Uint32Array.from(labels.keys());
  const byTime = rows.toSorted((a, b) => at(places.time, a) - at(places.time, b) || a - b);
  const byFinding = rows.toSorted((a, b) => at(facts.foundAt, a) - at(facts.foundAt, b) || a - b);
  /** For each asset, the latest finding of its latest groups, newest span last. */
  const known = new Map<number, { time: number; group: number; label: number }[]>();
  const result = new Int8Array(labels.length).fill(-1);
  let next = 0;
  for (const row of byTime) {
    for (; next < byFinding.length; next += 1) {
      const found = at(byFinding, next);
      if (!(at(facts.foundAt, found) <= at(places.time, row))) break;
      learn(known, at(places.asset, found), {
        time: at(places.time, found),
        group: at(places.group, found),
        label: at(labels, found),
      });
    }
    const group = at(places.group, row);
    const mine = known.get(at(places.asset, row)) ?? [];
    result[row] = mine.findLast((finding) => finding.group !== group)?.label ?? -1;
  }
  return result;
}

type Findings = { time: number; group: number; label: number }[];

/** Keeps the latest span of each of the two latest groups, which is enough to skip the present group. */
function learn(known: Map<number, Findings>, asset: number, finding: Findings[number]): void {
  const others = (known.get(asset) ?? []).filter(
    (each) => each.group !== finding.group || each.time > finding.time,
  );
  const all = others.some((each) => each.group === finding.group) ? others : [...others, finding];
  known.set(asset, all.sort((a, b) => a.time - b.time).slice(-2));
}

/** Keeps at most {@link enough} rows, evenly spread. */
export function thinOut(rows: Uint32Array): Uint32Array {
  const step = Math.max(1, Math.ceil(rows.length / enough));
  return rows.filter((_, index) => index % step === 0);
}
