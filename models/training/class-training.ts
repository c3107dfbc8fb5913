/** Trains a model of several classes, and makes the manifest and card for it. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Calibration } from '../blend/calibration.ts';
import type { ModelCard } from '../cards/model-card.ts';
import { describeModelFeatures, strengths } from '../bundle/feature-facts.ts';
import { fitInterval } from '../blend/interval.ts';
import type { Contest } from '../judging/contest.ts';
import { judgeOptions } from '../judging/judge-options.ts';
import { judgeContest } from '../judging/judgement.ts';
import { take } from '../numbers/matrix.ts';
import type { Manifest } from '../bundle/manifest.ts';
import type { Dataset } from '../data/labelled-dataset.ts';
import { planJudgement, type Plan } from '../data/plan.ts';
import { theoreticalThreshold } from '../blend/threshold.ts';
import { naiveBaselines } from '../judging/naive-baselines.ts';
import type { Forest } from '../learners/trees/forest.ts';
import { judgeClasses, type ClassJudgement } from '../judging/class-judgement.ts';
import { classCount, classesOf, warnBaselines } from '../judging/class-baselines.ts';
import {
  calibrateAll,
  classSettings,
  crossValidateClasses,
  fitClasses,
  warnProbabilities,
} from './class-cross-validation.ts';

/** Number of cross-validations with different folds for a target about rows. */
const repeats = 3;
const coverage = 0.9;

/** Leaves a probability unchanged. */
const asItIs: Calibration = { method: 'platt', slope: 1, intercept: 0 };

export interface ClassesTrained {
  readonly plan: Plan;
  readonly size: number;
  readonly settings: Readonly<Record<string, number>>;
  readonly forest: Forest;
  readonly onnx: Buffer;
  /** The parts of the manifest that depend on the training. */
  readonly manifest: Pick<
    Manifest,
    'features' | 'members' | 'calibration' | 'interval' | 'threshold' | 'classes'
  >;
  readonly card: Pick<ModelCard, 'crossValidated' | 'heldOut' | 'classes' | 'features'>;
  /** Probabilities of the classes to warn of, for rows that the model had not seen. */
  readonly unseen: Float64Array;
}

export interface ClassesOptions {
  readonly definition: ProcessDefinition;
  readonly dataset: Dataset;
  readonly seed: number;
  readonly folds: number;
  readonly rounds: number;
  readonly onProgress?: (what: string, share: number) => void;
}

export async function trainClasses(options: ClassesOptions): Promise<ClassesTrained> {
  const { definition, dataset, seed, folds, rounds } = options;
  const names = dataset.classes?.names ?? [];
  const warnOf = definition.target.warnOf ?? [];
  const times = definition.target.about === 'row' ? repeats : 1;
  const plans = Array.from({ length: times }, (_, i) => planJudgement(definition, dataset, folds, seed + i));
  const plan = plans[0] ?? planJudgement(definition, dataset, folds, seed);
  const steps = plans.reduce((sum, each) => sum + each.folds.length, 0) + 1;
  let done = 0;
  const crossed = await crossValidateClasses(dataset, plans, rounds, seed, () => {
    options.onProgress?.('cross-validating xgboost', (done += 1) / steps);
  });
  const fitted = await fitClasses(dataset, plan.develop, plan.heldOut, crossed.size, seed);
  options.onProgress?.('training xgboost', 1);

  const unseen = warnProbabilities(crossed.probabilities, names, warnOf);
  const group = take(plan.places.group, crossed.rows);
  const interval = fitInterval(unseen, take(dataset.labels, crossed.rows), group, coverage, seed);
  const threshold = theoreticalThreshold(definition.target.cost);
  const judging = judgeOptions(definition, { threshold, seed });
  const contest: Contest = {
    rows: crossed.rows,
    ensemble: unseen,
    members: [],
    baselines: warnBaselines(dataset, plan.folds),
  };
  const features = describeModelFeatures(definition, dataset, plan.develop);
  const held = heldOutOf(options, plan, crossed.calibration, fitted.stages.at(-1)?.probabilities);
  return {
    plan,
    size: crossed.size,
    settings: { ...classSettings },
    forest: fitted.forest,
    onnx: fitted.onnx,
    unseen,
    manifest: {
      features,
      members: [{ name: 'xgboost', file: 'xgboost.onnx', input: 'features', weight: 1, calibration: asItIs }],
      calibration: asItIs,
      interval,
      threshold: { value: threshold, ...definition.target.cost },
      classes: { names: [...names], warnOf: [...warnOf], calibration: crossed.calibration },
    },
    card: {
      crossValidated: judgeContest(dataset, plan, contest, judging),
      heldOut: held && judgeContest(dataset, plan, held.contest, judging),
      classes: {
        warnOf: [...warnOf],
        crossValidated: judgeClasses(
          names,
          classesOf(dataset, crossed.rows),
          group,
          [{ name: 'xgboost', probabilities: crossed.probabilities }, ...crossed.baselines],
          crossed.repeats,
          seed,
        ),
        heldOut: held && held.classes,
      },
      features: strengths(fitted.forest, features, dataset, plan.develop).slice(0, 15),
    },
  };
}

function heldOutOf(
  { definition, dataset, seed }: ClassesOptions,
  plan: Plan,
  calibration: NonNullable<Manifest['classes']>['calibration'],
  raw: Float32Array | undefined,
): { contest: Contest; classes: ClassJudgement } | null {
  const rows = plan.heldOut;
  if (rows.length === 0 || raw === undefined) return null;
  const names = dataset.classes?.names ?? [];
  const probabilities = calibrateAll(calibration, raw, classCount(dataset));
  return {
    contest: {
      rows,
      ensemble: warnProbabilities(probabilities, names, definition.target.warnOf ?? []),
      members: [],
      baselines: naiveBaselines(dataset, plan.develop, rows),
    },
    classes: judgeClasses(
      names,
      classesOf(dataset, rows),
      take(plan.places.group, rows),
      [{ name: 'xgboost', probabilities }],
      [],
      seed,
    ),
  };
}
