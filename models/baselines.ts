/** What a model has to beat to be worth its trouble. Fitted on the training rows, asked about the others. */
import type { Dataset } from './dataset.ts';
import { fitLogistic, predictLogistic } from './logistic.ts';
import { at, take, takeRows } from './matrix.ts';
import { rocAuc } from './metrics.ts';

/** So many rows, evenly spread, are enough for a baseline. */
const enough = 8000;

export interface Baseline {
  readonly name: string;
  /** Of each row asked about; a score or a probability. */
  readonly scores: Float64Array;
}

export function baselines(dataset: Dataset, train: Uint32Array, asked: Uint32Array): Baseline[] {
  const some = thinOut(train);
  const labels = take(dataset.labels, some);
  const logistic = fitLogistic(takeRows(dataset.features, some), labels);
  const rule = bestSingleFeature(dataset, some, labels);
  return [
    { name: 'logistic regression', scores: predictLogistic(logistic, takeRows(dataset.features, asked)) },
    { name: 'one feature against a limit', scores: ruleScores(dataset, rule, asked) },
  ];
}

interface Rule {
  readonly column: number;
  /** 1: high values warn; −1: low ones do. */
  readonly sign: number;
}

/** The feature that by itself separates the training rows best. */
function bestSingleFeature(dataset: Dataset, rows: Uint32Array, labels: Float64Array): Rule {
  let best = { column: 0, sign: 1, edge: -1 };
  for (let column = 0; column < dataset.features.columns; column += 1) {
    const auc = rocAuc(ruleScores(dataset, { column, sign: 1 }, rows), labels);
    const edge = Math.abs(auc - 0.5);
    if (edge > best.edge) best = { column, sign: auc >= 0.5 ? 1 : -1, edge };
  }
  return best;
}

/** A missing value never warns. */
function ruleScores({ features }: Dataset, { column, sign }: Rule, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => {
    const value = sign * at(features.data, row * features.columns + column);
    return Number.isNaN(value) ? -Number.MAX_VALUE : value;
  });
}

function thinOut(rows: Uint32Array): Uint32Array {
  const step = Math.max(1, Math.ceil(rows.length / enough));
  return rows.filter((_, index) => index % step === 0);
}
