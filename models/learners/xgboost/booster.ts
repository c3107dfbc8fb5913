/** Boosting, round by round, on the native library. Synchronous and blocking: runs in the worker. */
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

/** XGBoost's own parameters, by its own names. */
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
  /** Most rounds. */
  readonly rounds: number;
  /** Trees that share each round (a round and class), each on rows of its own: less variance; one when left out. */
  readonly parallelTrees?: number;
  /** So many classes (softmax); yes or no when left out. */
  readonly classes?: number;
}

export interface LabelledRows {
  readonly features: Matrix;
  /** 0 or 1, or the number of the class; one a row. */
  readonly labels: Float32Array;
}

export interface XgboostJob {
  readonly train: LabelledRows;
  readonly parameters: XgboostParameters;
  readonly seed: number;
  /** Rows whose probabilities (and, if asked, contributions) to give back. */
  readonly predict?: Matrix;
  /** Give the probabilities after every so many rounds too. */
  readonly stageEvery?: number;
  readonly contributions?: boolean;
}

export interface XgboostResult {
  /** XGBoost's model, as its JSON. */
  readonly model: string;
  /** Of `predict`, after all rounds: one probability a row, or one a class and row; empty without. */
  readonly probabilities: Float32Array;
  /**
   * Of `predict`: SHAP values in log-odds, a row's features and then the bias (with classes, so for each of them in
   * turn); empty unless asked for.
   */
  readonly contributions: Float32Array;
  /** In order; the last is after all rounds. Empty without `stageEvery`. */
  readonly stages: readonly TrainingStage[];
}

/** Deterministic by seed: one thread, exact order of rows. */
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

/** @param type XGBoost's: 0 the probability, 2 SHAP contributions. */
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
