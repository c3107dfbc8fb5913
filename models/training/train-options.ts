/** The input and the result of a training. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { ModelCard } from '../cards/model-card.ts';
import type { Dataset } from '../data/labelled-dataset.ts';
import type { TrueProbability } from '../judging/judge-options.ts';
import type { Effort } from '../learners/member-kind.ts';
import type { EngineName } from '../learners/lstm/engine.ts';
import type { SearchOptions } from './search.ts';
import type { TrainingSettings } from './settings.ts';

export interface TrainOptions {
  readonly definition: ProcessDefinition;
  readonly dataset: Dataset;
  /** The parent of the bundle's folder. */
  readonly out: string;
  readonly seed: number;
  readonly effort?: Effort;
  /** With generated data: the card then has the best attainable figures too. */
  readonly truth?: TrueProbability;
  /** The settings that an earlier search found; default {@link defaultSettings}. */
  readonly settings?: TrainingSettings;
  /** What computes the LSTM's gradients; default `onnx`. */
  readonly lstmTrainer?: EngineName;
  /** Search for better settings first. */
  readonly search?: Pick<SearchOptions, 'file' | 'until' | 'trials' | 'onTrial'>;
  /**
   * A folder that keeps finished fits, so that an interrupted run can continue. It is deleted when the bundle is
   * written.
   */
  readonly unfinished?: string;
  /** Called with each problem of the data, before the work begins. */
  readonly onWarning?: (text: string) => void;
  /** @param share of the work that is done, 0 … 1 */
  readonly onProgress?: (what: string, share: number) => void;
}

export interface Trained {
  /** The bundle's folder. */
  readonly folder: string;
  readonly card: ModelCard;
  readonly settings: TrainingSettings;
}
