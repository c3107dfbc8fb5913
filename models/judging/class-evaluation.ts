/**
 * Evaluates how well a bundle classifies data that it has not seen, compared with baselines fitted on other rows of
 * it.
 */
import type { Bundle } from '../bundle/bundle.ts';
import type { Dataset } from '../data/labelled-dataset.ts';
import { at, take } from '../numbers/matrix.ts';
import type { Plan } from '../data/plan.ts';
import type { Split } from '../data/splits.ts';
import { CastwatchError } from '../../base/errors.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { classBaselines, classesOf } from './class-baselines.ts';
import { judgeClasses, type ClassJudgement } from './class-judgement.ts';

export interface ClassEvaluation {
  /** The classes that a warning is about. */
  readonly warnOf: readonly string[];
  readonly judgement: ClassJudgement;
}

/**
 * Checks that bundle and definition have the same classes. The feature set does not depend on the target, which may
 * have changed since training.
 * @throws CastwatchError MODEL when the bundle has other classes than the definition, or warns of other classes
 */
export function checkClassesFit({ manifest }: Bundle, { target }: ProcessDefinition): void {
  const list = (names: readonly string[] = []): string => names.join(', ') || 'none';
  const mine = [list(manifest.classes?.names), list(manifest.classes?.warnOf.toSorted())];
  const theirs = [list(target.classes), list(target.warnOf?.toSorted())];
  if (mine.join() === theirs.join()) return;
  throw new CastwatchError(
    'MODEL',
    `${manifest.bundle} has the classes ${mine.join(', and warns of ')}; the definition has ${theirs.join(', and warns of ')}`,
    { remedy: 'Evaluate it with the definition that it was trained for, or train a new bundle.' },
  );
}

/**
 * @param said the bundle's probabilities, [rows of the data set × classes]
 * @param folds the rows of all folds are judged; the baselines of a fold are fitted on the other folds
 */
export function evaluateClasses(
  { manifest }: Bundle,
  dataset: Dataset,
  plan: Plan,
  said: Float64Array,
  folds: readonly Split[],
  seed: number,
): ClassEvaluation {
  const { names = [], warnOf = [] } = manifest.classes ?? {};
  const rows = Uint32Array.from(folds.flatMap(({ test }) => Array.from(test)));
  const probabilities = Float64Array.from({ length: rows.length * names.length }, (_, i) =>
    at(said, at(rows, Math.floor(i / names.length)) * names.length + (i % names.length)),
  );
  const model = { name: manifest.members[0]?.name ?? 'the bundle', probabilities };
  const group = take(plan.places.group, rows);
  const contenders = [model, ...classBaselines(dataset, folds)];
  return {
    warnOf,
    judgement: judgeClasses(names, classesOf(dataset, rows), group, contenders, [], seed),
  };
}
