/** The contract of a kind of model: how training fits it, and what the fit gives. */
import type { Dataset } from '../data/labelled-dataset.ts';
import type { FeatureWorth } from './feature-worth.ts';
import type { TrainingStage } from './stages.ts';
import type { Forest } from './trees/forest.ts';

export interface Fitted {
  readonly stages: readonly TrainingStage[];
  readonly onnx: Buffer;
  /** The trees; undefined for a member without trees. */
  readonly forest: Forest | undefined;
  /** The worth of each feature within the training rows; absent for a member that does not select features. */
  readonly worth?: readonly FeatureWorth[];
}

/** One kind of model: how to train it, and for how long. */
export interface MemberKind {
  readonly name: 'xgboost' | 'lstm';
  readonly input: 'features' | 'sequence';
  /** The name of its trainer, where there is a choice. */
  readonly trainer?: string;
  /** The maximum number of rounds or epochs. */
  readonly largest: number;
  /** Number of rounds or epochs from one stage to the next. */
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

/** Limits the work of a training. Tests make it small. */
export interface Effort {
  readonly folds: number;
  readonly rounds: number;
  readonly epochs: number;
  /** Maximum size of the LSTM's hidden state. */
  readonly hidden: number;
  readonly rowsPerEpoch: number;
}

export const fullEffort: Effort = { folds: 5, rounds: 400, epochs: 16, hidden: 64, rowsPerEpoch: 12_000 };
