/** The interface through which the step predict uses a bundle; `models/` implements it on ONNX Runtime. */
import type {
  ClassProbability,
  Contribution,
  FeatureRow,
  ModelAnswer,
  PredictionStatus,
} from '../../schemas/generated/types.ts';

/** The ensemble's answer for one row of features. */
export interface Answer {
  readonly status: PredictionStatus;
  /** Why the status is not OK; null when it is OK. */
  readonly reason: string | null;
  /** Calibrated, 0 to 1; null when UNAVAILABLE. */
  readonly probability: number | null;
  /** Lower end of the probability's interval, at the coverage that the model card states. */
  readonly lower: number | null;
  readonly upper: number | null;
  /** 1 − (upper − lower). */
  readonly confidence: number | null;
  readonly models: readonly ModelAnswer[];
  /** The strongest first. */
  readonly contributions: readonly Contribution[];
  /** The calibrated probability of each class; empty for a target without classes. */
  readonly classes: readonly ClassProbability[];
}

export interface Predictor {
  /** The id of the bundle. */
  readonly bundle: string;
  /** The version of the feature set that the bundle was trained on. The step never passes it rows of another version. */
  readonly featureSet: string;
  /** The calibrated probability from which on a warning pays, by the cost ratio. */
  readonly threshold: number;
  /** Returns the bin of each value, one byte each, for the step drift. Left out when the bundle has no reference. */
  binRow?(row: FeatureRow): Buffer;
  /**
   * Returns one answer per row, in order. The same row must get the same answer, bit for bit, in any batch. A row without
   * an answer gets UNAVAILABLE with a reason. A rejected promise means that a component has failed: the step fails and
   * the runtime tries the batch again.
   */
  predict(rows: readonly FeatureRow[]): Promise<readonly Answer[]>;
}

/** A bundle in a role. `entry` is the sequence of the entry in `models.v1` that gave it the role; 0 without an entry. */
export interface Placed {
  readonly predictor: Predictor;
  readonly entry: number;
}

export interface PlacedBeside extends Placed {
  readonly role: 'CHALLENGER' | 'SHADOW';
}

/** The bundles that answer a batch. */
export interface Models {
  /** Its answers are the predictions; undefined when no bundle is champion. */
  readonly champion: Placed | undefined;
  /** Challenger and shadow: they answer the same rows. Their answers go to a separate topic and raise no alarm. */
  readonly beside: readonly PlacedBeside[];
}

export const championAlone = (predictor: Predictor | undefined, entry = 0): Models => ({
  champion: predictor && { predictor, entry },
  beside: [],
});

/** An answer without a probability, with the reason. */
export const unavailableAnswer = (reason: string): Answer => ({
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
