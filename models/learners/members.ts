/** The ensemble's members, each trained on some rows of a data set and asked about others. */
import type { Dataset } from '../data/labelled-dataset.ts';
import { at, take, takeColumns, takeRows } from '../numbers/matrix.ts';
import type { Matrix } from '../numbers/matrix.ts';
import type { EngineName } from './lstm/engine.ts';
import type { LstmParameters } from './lstm/fit.ts';
import { trainLstm } from './lstm/lstm-trainer.ts';
import { lstmToOnnx } from './lstm/lstm-onnx.ts';
import { forestToOnnx } from './trees/forest-onnx.ts';
import type { Stage } from './stages.ts';
import type { XgboostParameters } from './xgboost/booster.ts';
import { keptColumns, selectFeatures } from './xgboost/feature-selection.ts';
import type { FeatureWorth } from './xgboost/feature-selection.ts';
import { onAllColumns, readXgboostModel } from './trees/forest.ts';
import type { Forest } from './trees/forest.ts';
import { trainXgboost } from './xgboost/xgboost-trainer.ts';

export interface Fitted {
  readonly stages: readonly Stage[];
  readonly onnx: Buffer;
  /** The trees, of a member that is made of them. */
  readonly forest: Forest | undefined;
  /** What each feature was found to be worth within the training rows, of a member that selects. */
  readonly worth?: readonly FeatureWorth[];
}

/** One kind of model: how to train it, and how far. */
export interface MemberKind {
  readonly name: 'xgboost' | 'lstm';
  readonly input: 'features' | 'sequence';
  /** What trains it, where there is a choice. */
  readonly trainer?: EngineName;
  /** Most rounds or epochs, and how often to look. */
  readonly largest: number;
  readonly every: number;
  /** Its settings as the card shows them. */
  readonly settings: Readonly<Record<string, number>>;
  fit(
    dataset: Dataset,
    train: Uint32Array,
    predict: Uint32Array,
    size: number,
    seed: number,
  ): Promise<Fitted>;
}

/** How much work training may be: tests make it small. */
export interface Effort {
  readonly folds: number;
  readonly rounds: number;
  readonly epochs: number;
  /** At most. */
  readonly hidden: number;
  readonly rowsPerEpoch: number;
}

export const fullEffort: Effort = { folds: 5, rounds: 400, epochs: 16, hidden: 64, rowsPerEpoch: 12_000 };

/** XGBoost's own parameters, and about how many rows a leaf shall hold at least. */
export type XgboostSettings = Omit<
  XgboostParameters,
  'rounds' | 'minChildWeight' | 'scalePosWeight' | 'classes' | 'parallelTrees'
> & {
  readonly rowsPerLeaf: number;
};

/** The trainer's parameters, less those that say how much work it may be. */
export type LstmSettings = Omit<LstmParameters, 'schedule' | 'rowsPerEpoch'>;

export interface Settings {
  readonly xgboost: XgboostSettings;
  readonly lstm: LstmSettings;
}

/** Trees that are shallow and slow, with few columns and rows at a time. */
export const defaultSettings: Settings = {
  xgboost: {
    maxDepth: 4,
    eta: 0.04,
    subsample: 0.7,
    colsampleByTree: 0.15,
    lambda: 2,
    gamma: 0,
    rowsPerLeaf: 200,
  },
  lstm: {
    hidden: 32,
    batch: 128,
    rate: 3e-3,
    weightDecay: 1e-3,
    clipNorm: 1,
    negativesPerPositive: 4,
    blankShare: 0.1,
  },
};

/** Boosted trees on the features. */
export function xgboostMember(effort: Effort, settings: XgboostSettings): MemberKind {
  const { rowsPerLeaf, ...own } = settings;
  return {
    name: 'xgboost',
    input: 'features',
    largest: effort.rounds,
    every: Math.max(1, Math.round(effort.rounds / 16)),
    settings: { ...settings },
    async fit(dataset, train, predict, size, seed) {
      const labels = Float32Array.from(take(dataset.labels, train));
      const parameters: XgboostParameters = {
        ...own,
        scalePosWeight: 1,
        minChildWeight: leafWeight(labels, rowsPerLeaf),
        rounds: size,
      };
      const worth = await selectFeatures(dataset, train, parameters, seed);
      const columns = keptColumns(worth);
      const featuresOf = (rows: Uint32Array): Matrix =>
        takeColumns(takeRows(dataset.features, rows), columns);
      const result = await trainXgboost({
        train: { features: featuresOf(train), labels },
        predict: featuresOf(predict),
        stageEvery: this.every,
        parameters,
        seed,
      });
      const forest = onAllColumns(readXgboostModel(result.model), columns, dataset.features.columns);
      return { stages: result.stages, onnx: forestToOnnx(forest), forest, worth };
    },
  };
}

/** XGBoost counts a leaf's weight in p·(1 − p) a row: this asks for about as many rows however rare the target is. */
function leafWeight(labels: ArrayLike<number>, rowsPerLeaf: number): number {
  let positives = 0;
  for (let i = 0; i < labels.length; i += 1) positives += at(labels, i);
  const rate = positives / labels.length;
  return Math.max(1, Math.min(rowsPerLeaf, labels.length / 20) * rate * (1 - rate));
}

/** A recurrent network on the sequence of scans. */
export function lstmMember(effort: Effort, chosen: LstmSettings, engine: EngineName = 'onnx'): MemberKind {
  const settings: LstmParameters = {
    ...chosen,
    hidden: Math.min(chosen.hidden, effort.hidden),
    schedule: effort.epochs,
    rowsPerEpoch: effort.rowsPerEpoch,
  };
  return {
    name: 'lstm',
    trainer: engine,
    input: 'sequence',
    largest: effort.epochs,
    every: Math.max(1, Math.round(effort.epochs / 8)),
    settings: { ...settings },
    async fit(dataset, train, predict, size, seed) {
      const { sequences, steps, channels, labels } = dataset;
      if (sequences === undefined) throw new Error(`data set ${dataset.id} has no sequences`);
      const job = { sequences, steps, channels, labels, train, predict, seed, parameters: settings, engine };
      const { weights, stages } = await trainLstm({ ...job, epochs: size, stageEvery: this.every });
      return { stages, onnx: lstmToOnnx(weights, steps), forest: undefined };
    },
  };
}
