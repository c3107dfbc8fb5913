/** Cross-validates members: each development row is predicted by members that did not see its group. */
import type { Dataset } from '../data/labelled-dataset.ts';
import { take } from '../numbers/matrix.ts';
import type { MemberKind } from '../learners/member-kind.ts';
import type { Plan } from '../data/plan.ts';
import type { FeatureWorth } from '../learners/feature-worth.ts';
import { fitCombiner } from '../blend/combiner.ts';
import { contest, joinContests, type Contest } from '../judging/contest.ts';
import { atSize, chooseSize } from '../learners/stages.ts';

/** A member's out-of-fold predictions. */
export interface OutOfFold {
  readonly kind: MemberKind;
  /** The number of rounds or epochs that was best over the folds. */
  readonly size: number;
  /** The worth of each feature in each fold's training; empty for a member that does not select features. */
  readonly worths: readonly (readonly FeatureWorth[])[];
  /** One for each row of the data set; NaN where it is in no fold. */
  readonly probabilities: Float64Array;
}

/** @param onFold called after each fold */
export async function crossValidate(
  dataset: Dataset,
  plan: Plan,
  kind: MemberKind,
  seed: number,
  onFold: () => void,
): Promise<OutOfFold> {
  const fitted = [];
  for (const [index, fold] of plan.folds.entries()) {
    const { stages, worth } = await kind.fit(dataset, fold.train, fold.test, kind.largest, seed + index + 1);
    fitted.push({ stages, labels: take(dataset.labels, fold.test), rows: fold.test, worth });
    onFold();
  }
  const size = chooseSize(fitted);
  const probabilities = new Float64Array(dataset.labels.length).fill(Number.NaN);
  for (const { stages, rows } of fitted) {
    const chosen = atSize(stages, size);
    rows.forEach((row, i) => {
      probabilities[row] = chosen[i] ?? Number.NaN;
    });
  }
  return { kind, size, worths: fitted.flatMap(({ worth }) => (worth ? [worth] : [])), probabilities };
}

/** Combines the members' predictions of each fold with a combiner fitted on the other folds. */
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
  return contests.reduce(joinContests);
}
