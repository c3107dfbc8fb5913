/** Boosts round by round with the native library. It blocks, so it runs in the trainer's process. */
import type { Matrix } from '../../numbers/matrix.ts';
import type { TrainingStage } from '../stages.ts';
import {
  checkStatus,
  floatsAt,
  handleOf,
  textAt,
  type Handle,
  type OutHandle,
  type XgboostLibrary,
} from './library.ts';

/** XGBoost's parameters, under its names. */
export interface XgboostParameters {
  readonly maxDepth: number;
  readonly eta: number;
  readonly minChildWeight: number;
  readonly subsample: number;
  readonly colsampleByTree: number;
  readonly lambda: number;
  readonly gamma: number;
  /** Weight of a positive row. */
  readonly scalePosWeight: number;
  /** Number of rounds. */
  readonly rounds: number;
  /** Trees in each round and class, each on a different draw of rows, which reduces variance; default 1. */
  readonly parallelTrees?: number;
  /** Number of classes (softmax); without it, the target is yes or no. */
  readonly classes?: number;
}

export interface LabelledRows {
  readonly features: Matrix;
  /** One for each row: 0 or 1, or the index of the class. */
  readonly labels: Float32Array;
}

export interface XgboostJob {
  readonly train: LabelledRows;
  readonly parameters: XgboostParameters;
  readonly seed: number;
  /** The rows to predict; with `contributions`, to explain too. */
  readonly predict?: Matrix;
  /** Number of rounds from one stage to the next. */
  readonly stageEvery?: number;
  readonly contributions?: boolean;
}

export interface XgboostResult {
  /** The model in XGBoost's JSON. */
  readonly model: string;
  /**
   * Of the rows to `predict`, after all rounds: one for each row, or for each row and class; empty without `predict`.
   */
  readonly probabilities: Float32Array;
  /**
   * SHAP values of the rows to `predict`, in log-odds: a row's features and then the bias. With classes, these repeat
   * for each class. Empty without `contributions`.
   */
  readonly contributions: Float32Array;
  /** The stages in order; the last is after all rounds. Empty without `stageEvery`. */
  readonly stages: readonly TrainingStage[];
}

/** The same job and seed give the same result: one thread, fixed order of rows. */
export function boost(library: XgboostLibrary, job: XgboostJob): XgboostResult {
  using held = new DisposableStack();
  const { rounds } = job.parameters;
  const train = createMatrix(library, held, job.train.features, job.train.labels);
  const asked = job.predict && createMatrix(library, held, job.predict);
  const booster = createBooster(library, held, train, job);
  const predictions = (type: 0 | 2): Float32Array =>
    asked === undefined || job.predict?.rows === 0
      ? new Float32Array()
      : predict(library, booster, asked, type);

  const stages: TrainingStage[] = [];
  for (let round = 0; round < rounds; round += 1) {
    checkStatus(library, library.boosterUpdate(booster, round, train), `round ${round}`);
    const size = round + 1;
    if (job.stageEvery !== undefined && (size % job.stageEvery === 0 || size === rounds)) {
      stages.push({ size, probabilities: predictions(0) });
    }
  }
  return {
    model: saveModel(library, booster),
    probabilities: predictions(0),
    contributions: job.contributions ? predictions(2) : new Float32Array(),
    stages,
  };
}

function createMatrix(
  library: XgboostLibrary,
  held: DisposableStack,
  rows: Matrix,
  labels?: Float32Array,
): Handle {
  const out: OutHandle = [null];
  const status = library.matrixCreate(rows.data, rows.rows, rows.columns, Number.NaN, out);
  const matrix = handleOf(library, status, out, 'taking the rows');
  held.defer(() => library.matrixFree(matrix));
  if (labels !== undefined) {
    checkStatus(
      library,
      library.matrixSetFloats(matrix, 'label', labels, labels.length),
      'taking the labels',
    );
  }
  return matrix;
}

function createBooster(
  library: XgboostLibrary,
  held: DisposableStack,
  train: Handle,
  job: XgboostJob,
): Handle {
  const out: OutHandle = [null];
  const booster = handleOf(library, library.boosterCreate([train], 1, out), out, 'making a booster');
  held.defer(() => library.boosterFree(booster));
  const { parameters: p } = job;
  const settings = {
    objective: p.classes === undefined ? 'binary:logistic' : 'multi:softprob',
    ...(p.classes !== undefined && { num_class: p.classes }),
    tree_method: 'hist',
    nthread: 1,
    seed: job.seed,
    max_depth: p.maxDepth,
    eta: p.eta,
    min_child_weight: p.minChildWeight,
    subsample: p.subsample,
    colsample_bytree: p.colsampleByTree,
    lambda: p.lambda,
    gamma: p.gamma,
    ...(p.parallelTrees !== undefined && { num_parallel_tree: p.parallelTrees }),
    ...(p.classes === undefined && { scale_pos_weight: p.scalePosWeight }),
    verbosity: 0,
  };
  for (const [name, value] of Object.entries(settings)) {
    checkStatus(library, library.boosterSetParam(booster, name, String(value)), `setting ${name}`);
  }
  return booster;
}

/** @param type XGBoost's code: 0 for the probability, 2 for SHAP contributions */
function predict(library: XgboostLibrary, booster: Handle, matrix: Handle, type: 0 | 2): Float32Array {
  const shape: OutHandle = [null];
  const dimensions: [number | bigint | null] = [null];
  const out: OutHandle = [null];
  const options = JSON.stringify({
    type,
    training: false,
    iteration_begin: 0,
    iteration_end: 0,
    strict_shape: false,
  });
  const status = library.boosterPredict(booster, matrix, options, shape, dimensions, out);
  const values = handleOf(library, status, out, 'predicting');
  const sizes = new BigUint64Array(floatsAt(shape[0] ?? 0n, Number(dimensions[0]) * 2).buffer);
  let count = 1;
  for (const size of sizes) count *= Number(size);
  return floatsAt(values, count);
}

function saveModel(library: XgboostLibrary, booster: Handle): string {
  const length: [number | bigint | null] = [null];
  const out: OutHandle = [null];
  const status = library.boosterSave(booster, '{"format":"json"}', length, out);
  return textAt(handleOf(library, status, out, 'saving the model'), Number(length[0]));
}
