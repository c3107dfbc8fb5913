/** The contract of a kind of model: how training fits it, and what comes out. */
import type { Dataset } from '../data/labelled-dataset.ts';
import type { FeatureWorth } from './feature-worth.ts';
import type { TrainingStage } from './stages.ts';
import type { Forest } from './trees/forest.ts';

export interface Fitted {
  readonly stages: readonly TrainingStage[];
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
  readonly trainer?: string;
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
