/** What the predict step asks of a model bundle; models/ implements it on ONNX Runtime. */
import type {
  Contribution,
  FeatureRow,
  ModelAnswer,
  PredictionStatus,
} from '../../schemas/generated/types.ts';

/** What the ensemble says of one feature row. */
export interface Answer {
  readonly status: PredictionStatus;
  /** Why the status is not OK; null when it is. */
  readonly reason: string | null;
  /** Calibrated, 0 to 1; null when UNAVAILABLE. */
  readonly probability: number | null;
  /** Interval of the probability at the coverage that the model card states. */
  readonly lower: number | null;
  readonly upper: number | null;
  /** 1 − (upper − lower). */
  readonly confidence: number | null;
  readonly models: readonly ModelAnswer[];
  /** Strongest first. */
  readonly contributions: readonly Contribution[];
}

export interface Predictor {
  /** Id of the bundle that answers. */
  readonly bundle: string;
  /** The feature-set version it was trained on; rows of another never reach it. */
  readonly featureSet: string;
  /** Calibrated probability from which a warning pays, by the cost ratio. */
  readonly threshold: number;
  /**
   * One answer per row, in order; the same row gets the same answer, bit for bit, whatever it is batched with.
   * A row that cannot be answered gets an UNAVAILABLE answer with its reason. A rejected promise is a lost
   * part, not an answer: the step fails and the batch is tried again.
   */
  predict(rows: readonly FeatureRow[]): Promise<readonly Answer[]>;
}

/** No probability, and why. */
export const unavailable = (reason: string): Answer => ({
  status: 'UNAVAILABLE',
  reason,
  probability: null,
  lower: null,
  upper: null,
  confidence: null,
  models: [],
  contributions: [],
});
