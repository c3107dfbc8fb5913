/**
 * Cross-validates a model of several classes: boosted trees with a softmax, calibrated on rows that they had not
 * seen, and later trained on all development rows. The classes to warn of (`warnOf`) are also judged as a target with
 * two outcomes.
 */
import type { Dataset } from '../data/labelled-dataset.ts';
import { at, takeRows } from '../numbers/matrix.ts';
import { forestToOnnx } from '../learners/trees/forest-onnx.ts';
import type { Plan } from '../data/plan.ts';
import type { XgboostParameters } from '../learners/xgboost/booster.ts';
import { type Forest } from '../learners/trees/forest.ts';
import { readXgboostModel } from '../learners/xgboost/xgboost-model.ts';
import { trainXgboost } from '../learners/xgboost/xgboost-trainer.ts';
import { classBaselines, classCount, classesOf, joined } from '../judging/class-baselines.ts';
import {
  calibrateClasses,
  classLogLoss,
  fitClassCalibration,
  type ClassCalibration,
} from '../blend/class-calibration.ts';
import {
  callRows,
  figuresOfCalls,
  type ClassContestant,
  type ClassJudgement,
} from '../judging/class-judgement.ts';

/** The stages of one fold. The probabilities are [rows × classes]. */
interface FoldResult {
  readonly rows: Uint32Array;
  readonly train: Uint32Array;
  readonly stages: readonly { readonly size: number; readonly probabilities: Float32Array }[];
}

export const classSettings: Omit<XgboostParameters, 'rounds' | 'classes'> = {
  maxDepth: 8,
  eta: 0.1,
  minChildWeight: 1,
  subsample: 0.8,
  colsampleByTree: 0.7,
  lambda: 1,
  gamma: 0,
  scalePosWeight: 1,
  parallelTrees: 4,
};

export interface ClassesCrossValidated {
  /** The number of rounds with the lowest log loss after calibration, over all folds of all repeats. */
  readonly size: number;
  /** Fitted on the out-of-fold predictions of all rows. */
  readonly calibration: ClassCalibration;
  /** The rows of the first plan's folds, in their order. */
  readonly rows: Uint32Array;
  /** The probabilities of `rows`, [rows × classes], calibrated on the other folds. */
  readonly probabilities: Float64Array;
  readonly repeats: ClassJudgement['repeats'];
  readonly baselines: readonly ClassContestant[];
}

/** @param plans the same rows in different folds; only the predictions of the first plan are kept */
export async function crossValidateClasses(
  dataset: Dataset,
  plans: readonly Plan[],
  rounds: number,
  seed: number,
  onFold: () => void,
): Promise<ClassesCrossValidated> {
  const results: FoldResult[][] = [];
  for (const [repeat, plan] of plans.entries()) {
    const folds: FoldResult[] = [];
    for (const [index, { train, test }] of plan.folds.entries()) {
      const { stages } = await fitClasses(dataset, train, test, rounds, seed + 100 * repeat + index + 1);
      folds.push({ rows: test, train, stages });
      onFold();
    }
    results.push(folds);
  }
  const classes = classCount(dataset);
  const { size, judged } = chooseRounds(dataset, results, classes);
  const first = judged[0] ?? {
    rows: new Uint32Array(),
    raw: new Float64Array(),
    probabilities: new Float64Array(),
  };
  const { rows, probabilities } = first;
  return {
    size,
    calibration: fitClassCalibration(first.raw, classesOf(dataset, rows), classes),
    rows,
    probabilities,
    repeats: judged.map((each) =>
      figuresOfCalls(classesOf(dataset, each.rows), callRows(each.probabilities, classes), classes),
    ),
    baselines: classBaselines(
      dataset,
      (results[0] ?? []).map(({ train, rows: test }) => ({ train, test })),
    ),
  };
}

/** Trains trees on the rows `train` and predicts the rows `predict`. */
export async function fitClasses(
  dataset: Dataset,
  train: Uint32Array,
  predict: Uint32Array,
  rounds: number,
  seed: number,
): Promise<{ stages: FoldResult['stages']; forest: Forest; onnx: Buffer }> {
  const result = await trainXgboost({
    train: {
      features: takeRows(dataset.features, train),
      labels: Float32Array.from(classesOf(dataset, train)),
    },
    predict: takeRows(dataset.features, predict),
    stageEvery: Math.max(1, Math.round(rounds / 16)),
    parameters: { ...classSettings, rounds, classes: classCount(dataset) },
    seed,
  });
  const forest = readXgboostModel(result.model);
  return { stages: result.stages, forest, onnx: forestToOnnx(forest) };
}

/** Sums the probabilities of the classes to warn of. @param probabilities [rows × classes] */
export function warnProbabilities(
  probabilities: ArrayLike<number>,
  names: readonly string[],
  warnOf: readonly string[],
): Float64Array {
  const wanted = warnOf.map((name) => names.indexOf(name));
  return Float64Array.from({ length: probabilities.length / names.length }, (_, row) =>
    wanted.reduce((sum, kind) => sum + at(probabilities, row * names.length + kind), 0),
  );
}

type Calibrated = ReturnType<typeof calibratedOutOfFold>;

/**
 * Chooses by the calibrated probabilities: more rounds err less but make the trees overconfident, which calibration
 * corrects.
 */
function chooseRounds(
  dataset: Dataset,
  repeats: readonly (readonly FoldResult[])[],
  classes: number,
): { readonly size: number; readonly judged: readonly Calibrated[] } {
  const lossOf = ({ rows, probabilities }: Calibrated): number =>
    classLogLoss(probabilities, classesOf(dataset, rows), classes);
  let best = { size: 1, judged: [] as readonly Calibrated[], loss: Number.POSITIVE_INFINITY };
  for (const { size } of repeats[0]?.[0]?.stages ?? []) {
    const judged = repeats.map((folds) => calibratedOutOfFold(dataset, folds, size, classes));
    const loss = judged.reduce((sum, each) => sum + lossOf(each), 0) / judged.length;
    if (loss < best.loss) best = { size, judged, loss };
  }
  return best;
}

const stageAt = (stages: FoldResult['stages'], size: number): Float32Array =>
  (stages.find((stage) => stage.size === size) ?? stages.at(-1))?.probabilities ?? new Float32Array();

/** Calibrates each fold's rows with a calibration fitted on the other folds. */
function calibratedOutOfFold(dataset: Dataset, folds: readonly FoldResult[], size: number, classes: number) {
  const raw = folds.map(({ stages }) => stageAt(stages, size));
  const parts = folds.map((_, fold) => {
    const others = folds.filter((_, index) => index !== fold);
    const calibration = fitClassCalibration(
      joined(raw.filter((_, index) => index !== fold)),
      joined(others.map(({ rows }) => classesOf(dataset, rows))),
      classes,
    );
    return calibrateAll(calibration, raw[fold] ?? [], classes);
  });
  return {
    rows: Uint32Array.from(joined(folds.map(({ rows }) => rows))),
    raw: joined(raw),
    probabilities: joined(parts),
  };
}

/** @param raw [rows × classes] */
export function calibrateAll(
  calibration: ClassCalibration,
  raw: ArrayLike<number>,
  classes: number,
): Float64Array {
  const all = new Float64Array(raw.length);
  for (let start = 0; start < raw.length; start += classes) {
    const row = Float64Array.from({ length: classes }, (_, kind) => at(raw, start + kind));
    all.set(calibrateClasses(calibration, row), start);
  }
  return all;
}
