/* Generated from schemas/topics/*.avsc by `npm run generate`. Do not edit. */
/* eslint-disable */

export type Quality = 'GOOD' | 'UNCERTAIN' | 'BAD';

export interface Measurement {
  readonly tag: string;
  /** The value in the unit of the tag; null when the source had none. */
  readonly value: null | number;
  /** The quality by the classes of OPC UA. */
  readonly quality: Quality;
}

/** One scan of an asset. Any producer may write this topic. The key of the record is the asset. */
export interface SensorReading {
  /** ISA-95 path of the asset: enterprise/site/area/line/cell. */
  readonly asset: string;
  /** When the values were true, by the source's clock, ms since the epoch. */
  readonly eventTime: number;
  /** Counts up by one for each reading of this asset and source. A source that starts its count again takes a new name. */
  readonly sequence: number;
  /** Name of the producer. If its count restarts, the name contains its session. */
  readonly source: string;
  readonly measurements: readonly (Measurement)[];
}

export type MesEventType = 'STARTED' | 'CHANGED' | 'ENDED';

/** The start, change or end of a piece of material on an asset, at any level (a batch, a part of it). Wait for its acknowledgement before you send readings of the same time; then predictions name the piece. */
export interface MesEvent {
  /** ISA-95 path of the asset: enterprise/site/area/line/cell. */
  readonly asset: string;
  /** When the event takes effect, ms since the epoch. */
  readonly eventTime: number;
  /** Counts up by one for each event of this asset and source. */
  readonly sequence: number;
  readonly source: string;
  readonly type: MesEventType;
  /** One of the levels of pieces in the process definition (in casting: heat or slab). */
  readonly level: string;
  /** The number of the piece at that level. */
  readonly id: string;
  /** More facts about the piece, such as grade and order. */
  readonly properties: Readonly<Record<string, string>>;
}

/** What Quality Management found for a span of production on an asset, often days later. */
export interface QualityLabel {
  readonly asset: string;
  /** Start of the judged span (inclusive), ms since the epoch. */
  readonly eventTime: number;
  /** End of the span (exclusive). */
  readonly until: number;
  /** Id of the target in the process definition. */
  readonly target: string;
  /** 1: a defect was found; 0: it was looked for and not found. */
  readonly value: number;
  /** The kind of defect, if known. */
  readonly defect: null | string;
  /** The number of the piece by level, as in mes-events.v1. */
  readonly piece: Readonly<Record<string, string>>;
  readonly source: string;
  /** When the label became known, ms since the epoch. */
  readonly foundAt: number;
}

export type ValidatedQuality = 'GOOD' | 'UNCERTAIN' | 'BAD';

export type Treatment = 'MEASURED' | 'FLAGGED' | 'HELD' | 'MISSING' | 'DROPPED';

export type RejectionReason = 'RANGE' | 'RATE_OF_CHANGE' | 'STUCK' | 'SENTINEL' | 'QUALITY' | 'COMPLETENESS' | 'DUPLICATE' | 'OUT_OF_ORDER' | 'LATE' | 'FUTURE' | 'STATISTICAL_ANOMALY' | 'UNKNOWN_ASSET' | 'UNKNOWN_TAG' | 'NOT_A_NUMBER' | 'ABSENT' | 'OTHER';

export interface ValidatedMeasurement {
  readonly tag: string;
  /** The value; null when it is missing and cannot be repaired. */
  readonly value: null | number;
  readonly quality: ValidatedQuality;
  /** MEASURED: as it came. FLAGGED: kept, although it is suspect. HELD: replaced by the last good value. MISSING: no value. DROPPED: the complete reading was refused. */
  readonly treatment: Treatment;
  /** Why the treatment is not MEASURED. */
  readonly reason: null | RejectionReason;
}

/** A reading after validation, with repairs: every tag of the process definition, in the order of the definition. */
export interface ValidatedReading {
  readonly asset: string;
  readonly eventTime: number;
  readonly sequence: number;
  readonly source: string;
  /** Required tags with a measured value, as a share of all required tags, 0 to 1. */
  readonly completeness: number;
  /** True when the reading came after a later one, within the grace period. */
  readonly outOfOrder: boolean;
  readonly measurements: readonly (ValidatedMeasurement)[];
}

export interface Rejection {
  /** The tag; null when the finding is about the complete reading. */
  readonly tag: null | string;
  readonly value: null | number;
  readonly reason: RejectionReason;
  readonly treatment: Treatment;
  /** The value that was found and the values that are allowed, as a text with units. */
  readonly detail: string;
}

/** What validation found wrong with one reading. A finding is about one tag, or about the complete reading. */
export interface RejectedReading {
  readonly asset: string;
  readonly eventTime: number;
  readonly sequence: number;
  readonly source: string;
  /** Partition of the reading in its input topic. With the offset, it distinguishes the rejections of equal readings. */
  readonly inputPartition: number;
  readonly inputOffset: number;
  /** True when the complete reading was dropped. */
  readonly dropped: boolean;
  readonly rejections: readonly (Rejection)[];
}

/** The features of one asset at the end of one hop. */
export interface FeatureRow {
  readonly asset: string;
  /** End of the windows (exclusive). */
  readonly eventTime: number;
  /** Version of the feature set: a hash of its definition. A model refuses rows of another feature set. */
  readonly featureSet: string;
  /** The features, in the order of the feature set; NaN means missing. */
  readonly values: readonly (number)[];
  /** The sequence for the LSTM: float32 little-endian, [steps][channels] row by row, oldest first, in units of the tag's normal band; NaN means missing. Empty when the process definition has no sequence. */
  readonly sequence: Buffer;
  /** Measured values as a share of all values that the longest window should have, 0 to 1. */
  readonly completeness: number;
  /** Values that were held, flagged or missing, as a share of the values in the longest window, 0 to 1. */
  readonly repaired: number;
  /** The piece on the asset at that time: its number by level, and its properties. */
  readonly piece: Readonly<Record<string, string>>;
}

export type PredictionStatus = 'OK' | 'DEGRADED' | 'UNAVAILABLE';

export interface ModelAnswer {
  readonly name: string;
  readonly probability: null | number;
  /** Weight of the member in this answer. */
  readonly weight: number;
}

export interface Contribution {
  readonly feature: string;
  readonly value: number;
  /** Effect in log-odds; above 0 it raises the probability. */
  readonly contribution: number;
  /** A text for people, in the words and units of the plant. */
  readonly text: string;
}

export interface Signal {
  readonly name: string;
  /** The value; NaN means missing. */
  readonly value: number;
}

export interface ClassProbability {
  readonly name: string;
  readonly probability: number;
}

/** The answer of the champion for one asset at one time. If it could not answer, the prediction says so. */
export interface Prediction {
  readonly asset: string;
  readonly eventTime: number;
  /** Id of the target in the process definition. */
  readonly target: string;
  /** DEGRADED: a member of the ensemble is missing, or too many of its inputs are. UNAVAILABLE: there is no probability. */
  readonly status: PredictionStatus;
  /** Why the status is not OK; null when it is OK. */
  readonly reason: null | string;
  /** The calibrated probability, 0 to 1; null when the status is UNAVAILABLE. */
  readonly probability: null | number;
  /** Lower end of the interval of the probability, at the coverage that the model card states. */
  readonly lower: null | number;
  readonly upper: null | number;
  /** 1 − (upper − lower): 1 when the interval is a point, 0 when it covers everything. */
  readonly confidence: null | number;
  readonly models: readonly (ModelAnswer)[];
  /** The reasons, the strongest first. */
  readonly contributions: readonly (Contribution)[];
  /** The prediction is a warning from this probability on. The bundle computes it from the cost ratio. */
  readonly threshold: number;
  /** Id of the bundle that answered; empty when none was loaded. */
  readonly bundle: string;
  /** Sequence of the entry in models.v1 that made this bundle the champion; 0 without a champion. */
  readonly modelEntry: number;
  readonly featureSet: string;
  readonly completeness: number;
  readonly piece: Readonly<Record<string, string>>;
  /** The features that alert rules watch. They come with the prediction, so that alarms and probabilities are in one order. */
  readonly signals: readonly (Signal)[];
  /** For a target with classes: the calibrated probability of each class; their sum is 1. The field probability is that of the classes to warn of. */
  readonly classes: readonly (ClassProbability)[];
}

export type ModelRole = 'CHAMPION' | 'CHALLENGER' | 'SHADOW' | 'OTHER';

/** The answer of a challenger or shadow to a row that the champion answered too. It raises no alarm; labels judge it. */
export interface ShadowPrediction {
  readonly asset: string;
  readonly eventTime: number;
  /** Id of the target in the process definition. */
  readonly target: string;
  readonly role: ModelRole;
  /** Id of the bundle that answered. */
  readonly bundle: string;
  /** Sequence of the entry in models.v1 that gave this bundle the role. */
  readonly modelEntry: number;
  readonly status: PredictionStatus;
  /** Why the status is not OK; null when it is OK. */
  readonly reason: null | string;
  /** The calibrated probability, 0 to 1; null when the status is UNAVAILABLE. */
  readonly probability: null | number;
  readonly lower: null | number;
  readonly upper: null | number;
  readonly confidence: null | number;
  readonly models: readonly (ModelAnswer)[];
  /** The answer is a warning from this probability on. The bundle computes it from the cost ratio. */
  readonly threshold: number;
  readonly featureSet: string;
  readonly completeness: number;
  readonly piece: Readonly<Record<string, string>>;
}

export type ModelAction = 'PROMOTED' | 'ROLLED_BACK' | 'ASSIGNED' | 'CLEARED' | 'OTHER';

/** From this entry on, the bundle has the role in the process. The newest entry of a role is valid. */
export interface ModelEntry {
  /** Id of the process definition. */
  readonly process: string;
  readonly role: ModelRole;
  /** Number of the entry among all entries of the process, from 1. */
  readonly sequence: number;
  /** When it was decided, ms since the epoch. */
  readonly eventTime: number;
  readonly action: ModelAction;
  /** Id of the bundle; empty when no bundle has the role. */
  readonly bundle: string;
  /** SHA-256 of the bundle's manifest; the manifest has the checksums of its files. */
  readonly checksum: string;
  /** Version of the feature set on which the bundle was trained. */
  readonly featureSet: string;
  /** Folder of the bundle: relative to the folder of all bundles, or absolute. */
  readonly location: string;
  /** Who decided; `castwatch` for a default. */
  readonly by: string;
  readonly why: string;
  /** The bundle that had the role before; empty when there was none. */
  readonly replaces: string;
  /** For a rollback: the sequence of the entry that is valid again. */
  readonly restores: null | number;
}

export type ModelEventKind = 'SERVING' | 'REFUSED' | 'OTHER';

/** How a running instance reacted to an entry in models.v1. */
export interface ModelEvent {
  readonly process: string;
  readonly role: ModelRole;
  /** Sequence of the entry. */
  readonly sequence: number;
  readonly bundle: string;
  /** When the instance reacted, by its own clock, ms since the epoch. */
  readonly eventTime: number;
  /** SERVING: the bundle answers from now on. REFUSED: it does not, and the bundle before it continues. */
  readonly kind: ModelEventKind;
  /** Host and process id of the instance. */
  readonly instance: string;
  /** Why the bundle was refused. */
  readonly reason: null | string;
  /** Duration of loading, checking and warming up, ms. */
  readonly loadMs: number;
}

export type Priority = 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';

export type AlertTransition = 'RAISED' | 'ACKNOWLEDGED' | 'RETURNED_TO_NORMAL' | 'CLEARED' | 'SHELVED' | 'UNSHELVED' | 'SUPPRESSED' | 'UNSUPPRESSED' | 'ESCALATED' | 'COMMENTED' | 'OTHER';

export interface AlertReason {
  readonly feature: string;
  readonly value: number;
  readonly contribution: number;
  readonly text: string;
}

/** One step in the life of an alarm (ISA-18.2). One excursion is one alert: its id stays from RAISED to CLEARED. */
export interface Alert {
  /** Made from the asset, the rule and the time when the alarm was raised, so that a repeat is harmless. */
  readonly id: string;
  readonly asset: string;
  readonly rule: string;
  readonly priority: Priority;
  readonly transition: AlertTransition;
  /** Number of the transition: 0 for RAISED, then counting up. The id and this number identify the transition. */
  readonly step: number;
  /** Event time of the transition, by the clock of the readings. */
  readonly eventTime: number;
  readonly raisedAt: number;
  /** The value that the rule watches, at this transition. */
  readonly value: number;
  /** The value furthest beyond the limit in this excursion. */
  readonly peak: number;
  /** The alarm is raised when the value is beyond this limit. */
  readonly limit: number;
  readonly message: string;
  readonly contributions: readonly (AlertReason)[];
  readonly bundle: string;
  readonly piece: Readonly<Record<string, string>>;
  /** Who made the transition; null when a person did not make it. */
  readonly actor: null | string;
}

/** A row of features that was answered, with each value replaced by its bin in the bundle's reference. Drift is measured on these. */
export interface BinnedRow {
  readonly asset: string;
  /** Event time of the row and of its prediction. */
  readonly eventTime: number;
  /** Id of the bundle whose reference was used. */
  readonly bundle: string;
  /** The predicted probability. */
  readonly probability: number;
  /** One byte per feature, in the order of the feature set: the bin of the reference in which the value lies. Empty when the bundle has no reference. */
  readonly bins: Buffer;
}

export type DriftStatus = 'OK' | 'TOO_FEW_ROWS' | 'NO_REFERENCE' | 'OTHER';

export interface DriftedFeature {
  /** The name of the feature, or `probability`. */
  readonly feature: string;
  readonly psi: number;
  /** A text for people, in the words and units of the plant. */
  readonly text: string;
}

/** How far the rows of one asset and window are from the training rows: the population stability index (PSI) of each feature and of the probability. */
export interface DriftReport {
  readonly asset: string;
  /** End of the window (inclusive), in event time. */
  readonly eventTime: number;
  /** Beginning of the window (exclusive). */
  readonly from: number;
  /** Id of the bundle with whose reference the rows are compared. */
  readonly bundle: string;
  readonly featureSet: string;
  /** Number of rows in the window. */
  readonly rows: number;
  /** The PSI that this number of rows shows on average without any drift; overlapping rows count once. */
  readonly chance: number;
  /** With any status other than OK, there are no figures, and the reason says why. */
  readonly status: DriftStatus;
  readonly reason: null | string;
  /** PSI of the predicted probability. */
  readonly score: null | number;
  /** The highest PSI of a feature. */
  readonly worst: null | number;
  /** Number of features whose PSI is above warnAbove of the process definition. */
  readonly drifted: number;
  /** The PSI of each feature, in the order of the feature set; empty unless the status is OK. */
  readonly psi: readonly (number)[];
  /** The features with the most drift, the strongest first. */
  readonly strongest: readonly (DriftedFeature)[];
}

export type Verdict = 'TRUE_POSITIVE' | 'FALSE_POSITIVE' | 'TRUE_NEGATIVE' | 'FALSE_NEGATIVE' | 'NOT_JUDGED' | 'OTHER';

export type NotJudgedReason = 'NO_PREDICTION' | 'UNAVAILABLE' | 'TOO_LATE' | 'ALREADY_JUDGED' | 'NEVER_LABELLED' | 'OTHER';

/** Whether a prediction was right. There is one record for each label, also without a prediction to judge, and one for each span of predictions that got no label. */
export interface JudgedPrediction {
  readonly asset: string;
  /** Start of the judged span, from the label. */
  readonly eventTime: number;
  /** End of the span. */
  readonly until: number;
  readonly target: string;
  readonly verdict: Verdict;
  /** Why nothing was judged. NO_PREDICTION: there is no prediction for the span or piece. UNAVAILABLE: no prediction has a probability. TOO_LATE: the label came after the time for which predictions are kept. ALREADY_JUDGED: an earlier label counts. NEVER_LABELLED: no label came within the time for which predictions are kept. */
  readonly reason: null | NotJudgedReason;
  /** 1: a defect was found; 0: it was looked for and not found; null: there is no label. */
  readonly label: null | number;
  readonly defect: null | string;
  /** Source of the label; empty without a label. */
  readonly source: string;
  /** When the label became known; without a label, when the step stopped waiting for it. */
  readonly foundAt: number;
  /** Number of predictions for the span or piece. */
  readonly predictions: number;
  /** Event time of the judged prediction: the one with the highest probability, and the earliest of equal ones. */
  readonly predictedAt: null | number;
  readonly probability: null | number;
  /** The prediction is a warning from this probability on. */
  readonly threshold: null | number;
  /** Id of the bundle that answered; empty without a judged prediction. */
  readonly bundle: string;
  /** The piece, from the label. */
  readonly piece: Readonly<Record<string, string>>;
}

export interface CalibrationBin {
  /** Lower end of the bin. */
  readonly above: number;
  readonly cases: number;
  readonly positives: number;
  readonly sumProbability: number;
}

/** How good the predictions of one bundle on one asset were, by the labels that became known within a window. Counts can be added over assets and windows. Shares are null when there are fewer cases than the process definition requires. */
export interface LiveQuality {
  readonly asset: string;
  /** End of the window (inclusive), by the time when labels became known. */
  readonly eventTime: number;
  /** Beginning of the window (exclusive). */
  readonly from: number;
  /** Id of the bundle; empty for labels without a prediction to judge. */
  readonly bundle: string;
  /** Whether the newest judged prediction of the window is from this bundle. */
  readonly current: boolean;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
  /** Number of labels that judged no prediction, by reason. */
  readonly notJudged: Readonly<Record<string, number>>;
  /** Warnings that came true, as a share of all warnings. */
  readonly precision: null | number;
  /** Defects with a warning, as a share of all defects. */
  readonly recall: null | number;
  /** Mean squared difference of probability and label. */
  readonly brier: null | number;
  /** Mean difference of the predicted and the found share over the bins, weighted by their cases. */
  readonly calibrationError: null | number;
  /** Which shares are null, and how many cases they need. */
  readonly reason: null | string;
  /** The bins of the probability that have cases, ascending. */
  readonly calibration: readonly (CalibrationBin)[];
  /** Sum of the squared differences of probability and label. With it, Brier scores can be added. */
  readonly sumSquaredError: number;
}

export interface TopicValues {
  sensorReadings: SensorReading;
  mesEvents: MesEvent;
  qualityLabels: QualityLabel;
  validatedReadings: ValidatedReading;
  rejectedReadings: RejectedReading;
  features: FeatureRow;
  predictions: Prediction;
  shadowPredictions: ShadowPrediction;
  models: ModelEntry;
  modelEvents: ModelEvent;
  alerts: Alert;
  binnedRows: BinnedRow;
  drift: DriftReport;
  judgedPredictions: JudgedPrediction;
  liveQuality: LiveQuality;
}
