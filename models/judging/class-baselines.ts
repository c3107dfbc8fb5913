/** Baselines for a model of several classes, fitted on each fold's training rows and judged on the fold. */
import { naiveBaselines, thinOut } from './naive-baselines.ts';
import type { Dataset } from '../data/labelled-dataset.ts';
import { fitLogistic, predictLogistic } from '../learners/logistic.ts';
import { at, take, takeRows } from '../numbers/matrix.ts';
import type { Split } from '../data/splits.ts';
import type { ClassContestant } from './class-judgement.ts';

export const classCount = ({ classes }: Dataset): number => classes?.names.length ?? 0;

export const classesOf = ({ classes }: Dataset, rows: Uint32Array): Float64Array =>
  take(classes?.of ?? [], rows);

/**
 * The baselines are the shares of the classes in the training rows, and one logistic regression for each class.
 * @returns rows in the order of the folds
 */
export function classBaselines(dataset: Dataset, folds: readonly Split[]): ClassContestant[] {
  return [
    {
      name: 'logistic regression',
      probabilities: joined(folds.map((fold) => oneAgainstRest(dataset, fold))),
    },
    { name: 'most frequent class', probabilities: joined(folds.map((fold) => sharesOf(dataset, fold))) },
  ];
}

/** A logistic regression of each class against the others. The probabilities are scaled to add up to 1. */
function oneAgainstRest(dataset: Dataset, { train, test }: Split): Float64Array {
  const classes = classCount(dataset);
  const some = thinOut(train);
  const [learnt, asked] = [takeRows(dataset.features, some), takeRows(dataset.features, test)];
  const known = classesOf(dataset, some);
  const said = Array.from({ length: classes }, (_, kind) => {
    const model = fitLogistic(
      learnt,
      known.map((each) => (each === kind ? 1 : 0)),
    );
    return predictLogistic(model, asked);
  });
  return Float64Array.from({ length: test.length * classes }, (_, i) => {
    const row = Math.floor(i / classes);
    const total = said.reduce((sum, each) => sum + at(each, row), 0);
    return at(said[i % classes] ?? [], row) / total;
  });
}

function sharesOf(dataset: Dataset, { train, test }: Split): Float64Array {
  const classes = classCount(dataset);
  const counts = new Float64Array(classes);
  for (const kind of classesOf(dataset, train)) counts[kind] = at(counts, kind) + 1;
  return Float64Array.from(
    { length: test.length * classes },
    (_, i) => at(counts, i % classes) / train.length,
  );
}

/** Baselines for the classes to warn of, fold by fold. */
export function warnBaselines(
  dataset: Dataset,
  folds: readonly Split[],
): { name: string; probabilities: Float64Array }[] {
  const parts = folds.map(({ train, test }) => naiveBaselines(dataset, train, test));
  return (parts[0] ?? []).map(({ name }, index) => ({
    name,
    probabilities: joined(parts.map((part) => part[index]?.probabilities ?? [])),
  }));
}

export const joined = (parts: readonly ArrayLike<number>[]): Float64Array => {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
};
