/** What the predict step asks of a model bundle; models/ implements it on ONNX Runtime. */
import type {
  ClassProbability,
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
  /** Of a target with classes: the calibrated probability of each; empty otherwise. */
  readonly classes: readonly ClassProbability[];
}

export interface Predictor {
  /** Id of the bundle that answers. */
  readonly bundle: string;
  /** The feature-set version it was trained on; rows of another never reach it. */
  readonly featureSet: string;
  /** Calibrated probability from which a warning pays, by the cost ratio. */
  readonly threshold: number;
  /**
   * In which bin of the training rows each value of a row lies, one byte each, for drift; left out by models that
   * do not know how their training rows were distributed.
   */
  binRow?(row: FeatureRow): Buffer;
  /**
   * One answer per row, in order; the same row gets the same answer, bit for bit, whatever it is batched with.
   * A row that cannot be answered gets an UNAVAILABLE answer with its reason. A rejected promise is a lost
   * part, not an answer: the step fails and the batch is tried again.
   */
  predict(rows: readonly FeatureRow[]): Promise<readonly Answer[]>;
}

/** A bundle in a role, and the sequence of the entry in `models.v1` that gave it the role; 0 without one. */
export interface Placed {
  readonly predictor: Predictor;
  readonly entry: number;
}

export interface PlacedBeside extends Placed {
  readonly role: 'CHALLENGER' | 'SHADOW';
}

/** Who answers a batch. */
export interface Models {
  /** Its answers are the predictions; undefined when there is none. */
  readonly champion: Placed | undefined;
  /** Asked about the same rows; their answers go to a topic of their own and raise no alert. */
  readonly beside: readonly PlacedBeside[];
}

export const championAlone = (predictor: Predictor | undefined, entry = 0): Models => ({
  champion: predictor && { predictor, entry },
  beside: [],
});

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
  classes: [],
});
