/** What a training is given, and what it gives. */
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
  /** Folder below which the bundle's own folder is made. */
  readonly out: string;
  readonly seed: number;
  readonly effort?: Effort;
  /** Of generated data, so that the best attainable stands beside the results. */
  readonly truth?: TrueProbability;
  /** What a search has found before; the defaults when left out. */
  readonly settings?: TrainingSettings;
  /** What differentiates the LSTM's loss; `onnx` when left out. */
  readonly lstmTrainer?: EngineName;
  /** Search for better settings first. */
  readonly search?: Pick<SearchOptions, 'file' | 'until' | 'trials' | 'onTrial'>;
  /** Folder that keeps finished parts, so that a run that breaks off goes on; gone when the bundle is written. */
  readonly unfinished?: string;
  /** Told of what is wrong with the data, before the work begins. */
  readonly onWarning?: (text: string) => void;
  /** @param share of the work that is done, 0 … 1 */
  readonly onProgress?: (what: string, share: number) => void;
}

export interface Trained {
  /** Where the bundle is. */
  readonly folder: string;
  readonly card: ModelCard;
  readonly settings: TrainingSettings;
}
