/* Generated from schemas/topics/*.avsc by `npm run generate`. Do not edit. */
/* eslint-disable */

export type Quality = 'GOOD' | 'UNCERTAIN' | 'BAD';

export interface Measurement {
  readonly tag: string;
  /** In the tag's unit; null when the source had none. */
  readonly value: null | number;
  /** OPC UA severity. */
  readonly quality: Quality;
}

/** One scan of an asset. Any producer may write here; the record's key is the asset. */
export interface SensorReading {
  /** ISA-95 path: enterprise/site/area/line/cell. */
  readonly asset: string;
  /** When the values were true, by the source's clock, ms since the epoch. */
  readonly eventTime: number;
  /** Counts up by one per reading of this asset and source. A source that starts its count again takes a new name. */
  readonly sequence: number;
  /** Who measured: a producer and, where its count restarts, its session. */
  readonly source: string;
  readonly measurements: readonly (Measurement)[];
}

export type MesEventType = 'STARTED' | 'CHANGED' | 'ENDED';

/** The start, change or end of a piece of material on an asset, at any level (a batch, a part of it). Acknowledge it before sending readings of the same time, and predictions will name the piece. */
export interface MesEvent {
  /** ISA-95 path: enterprise/site/area/line/cell. */
  readonly asset: string;
  /** From when it holds, ms since the epoch. */
  readonly eventTime: number;
  /** Counts up by one per event of this asset and source. */
  readonly sequence: number;
  readonly source: string;
  readonly type: MesEventType;
  /** One of the piece levels in the process definition, outermost first (in casting: heat, slab). */
  readonly level: string;
  /** The piece's number at that level. */
  readonly id: string;
  /** Further facts, such as grade and order. */
  readonly properties: Readonly<Record<string, string>>;
}

/** What Quality Management found, often days later, for a span of production on an asset. */
export interface QualityLabel {
  readonly asset: string;
  /** Start of the span that was judged (inclusive), ms since the epoch. */
  readonly eventTime: number;
  /** End of the span (exclusive). */
  readonly until: number;
  /** Which target of the process definition it judges. */
  readonly target: string;
  /** 1 found, 0 looked and not found. */
  readonly value: number;
  /** The kind of defect, where known. */
  readonly defect: null | string;
  /** Level to number, as in mes-events. */
  readonly piece: Readonly<Record<string, string>>;
  readonly source: string;
  /** When the judgement became known. */
  readonly foundAt: number;
}

export type ValidatedQuality = 'GOOD' | 'UNCERTAIN' | 'BAD';

export type Treatment = 'MEASURED' | 'FLAGGED' | 'HELD' | 'MISSING' | 'DROPPED';

export type RejectionReason = 'RANGE' | 'RATE_OF_CHANGE' | 'STUCK' | 'SENTINEL' | 'QUALITY' | 'COMPLETENESS' | 'DUPLICATE' | 'OUT_OF_ORDER' | 'LATE' | 'FUTURE' | 'STATISTICAL_ANOMALY' | 'UNKNOWN_ASSET' | 'UNKNOWN_TAG' | 'NOT_A_NUMBER' | 'ABSENT' | 'OTHER';

export interface ValidatedMeasurement {
  readonly tag: string;
  /** Null when missing and not to be repaired. */
  readonly value: null | number;
  readonly quality: ValidatedQuality;
  /** MEASURED as it came; FLAGGED kept although suspect; HELD replaced by the last good value; MISSING no value; DROPPED the whole reading was refused. */
  readonly treatment: Treatment;
  /** Why it is not simply MEASURED. */
  readonly reason: null | RejectionReason;
}

/** A reading after validation and cleaning: every tag of the process definition, in its order. */
export interface ValidatedReading {
  readonly asset: string;
  readonly eventTime: number;
  readonly sequence: number;
  readonly source: string;
  /** Share of the required tags with a measured value, 0 to 1. */
  readonly completeness: number;
  /** Came after a later reading, within the grace period. */
  readonly outOfOrder: boolean;
  readonly measurements: readonly (ValidatedMeasurement)[];
}

export interface Rejection {
  /** Null: the whole reading. */
  readonly tag: null | string;
  readonly value: null | number;
  readonly reason: RejectionReason;
  readonly treatment: Treatment;
  /** What was seen and what was allowed, in plain words with units. */
  readonly detail: string;
}

/** What validation found wrong with one reading: with the whole of it (no tag) or with single tags. */
export interface RejectedReading {
  readonly asset: string;
  readonly eventTime: number;
  readonly sequence: number;
  readonly source: string;
  /** Where the reading lies in its input topic; tells two rejections of equal readings apart. */
  readonly inputPartition: number;
  readonly inputOffset: number;
  /** True when nothing of the reading went on. */
  readonly dropped: boolean;
  readonly rejections: readonly (Rejection)[];
}

/** The features of one asset at the end of one hop. */
export interface FeatureRow {
  readonly asset: string;
  /** End of the windows (exclusive). */
  readonly eventTime: number;
  /** Version of the feature set: a hash of what defines it. A model refuses rows of another. */
  readonly featureSet: string;
  /** In the feature set's order; NaN is missing. */
  readonly values: readonly (number)[];
  /** float32 little-endian, [steps][channels] row by row, oldest first, in units of the tag's normal band; NaN is missing. Empty when the definition has no sequence. */
  readonly sequence: Buffer;
  /** Share of the scans and required tags that the longest window should have and has, 0 to 1. */
  readonly completeness: number;
  /** Share of the values in the longest window that were held, flagged or missing, 0 to 1. */
  readonly repaired: number;
  /** The piece on the asset at that time: level to number, and its properties. */
  readonly piece: Readonly<Record<string, string>>;
}

export type PredictionStatus = 'OK' | 'DEGRADED' | 'UNAVAILABLE';

export interface ModelAnswer {
  readonly name: string;
  readonly probability: null | number;
  /** Its share in this answer. */
  readonly weight: number;
}

export interface Contribution {
  readonly feature: string;
  readonly value: number;
  /** In log-odds; above 0 raises the probability. */
  readonly contribution: number;
  /** In plant words and units. */
  readonly text: string;
}

export interface Signal {
  readonly name: string;
  /** NaN is missing. */
  readonly value: number;
}

export interface ClassProbability {
  readonly name: string;
  readonly probability: number;
}

/** What the ensemble says of one asset at one time. A model that could not answer leaves a prediction that says so. */
export interface Prediction {
  readonly asset: string;
  readonly eventTime: number;
  /** Which target of the process definition it predicts. */
  readonly target: string;
  /** DEGRADED: a model of the ensemble is missing or its inputs are thin. UNAVAILABLE: no probability. */
  readonly status: PredictionStatus;
  /** Why it is not OK. */
  readonly reason: null | string;
  /** Calibrated, 0 to 1. */
  readonly probability: null | number;
  /** Interval of the probability at the coverage that the model card states. */
  readonly lower: null | number;
  readonly upper: null | number;
  /** 1 − (upper − lower): 1 when the interval is a point, 0 when it says nothing. */
  readonly confidence: null | number;
  readonly models: readonly (ModelAnswer)[];
  /** The strongest reasons first. */
  readonly contributions: readonly (Contribution)[];
  /** From the cost ratio, as the bundle states. */
  readonly threshold: number;
  /** Which models answered; empty when none was loaded. */
  readonly bundle: string;
  /** Sequence of the entry in models.v1 by which this bundle was the champion; 0 when none was. */
  readonly modelEntry: number;
  readonly featureSet: string;
  readonly completeness: number;
  readonly piece: Readonly<Record<string, string>>;
  /** The features that alert rules watch, forwarded so that alarms and probabilities come in one order. */
  readonly signals: readonly (Signal)[];
  /** Of a target with classes: the calibrated probability of each, adding up to 1. The probability above is that of those to warn of. */
  readonly classes: readonly (ClassProbability)[];
}

export type ModelRole = 'CHAMPION' | 'CHALLENGER' | 'SHADOW' | 'OTHER';

/** What a challenger or shadow says of a row that the champion answered too. It raises no alert; labels judge it. */
export interface ShadowPrediction {
  readonly asset: string;
  readonly eventTime: number;
  /** Which target of the process definition it predicts. */
  readonly target: string;
  readonly role: ModelRole;
  /** Which models answered. */
  readonly bundle: string;
  /** Sequence of the entry in models.v1 by which this bundle had the role. */
  readonly modelEntry: number;
  readonly status: PredictionStatus;
  /** Why it is not OK. */
  readonly reason: null | string;
  /** Calibrated, 0 to 1. */
  readonly probability: null | number;
  readonly lower: null | number;
  readonly upper: null | number;
  readonly confidence: null | number;
  readonly models: readonly (ModelAnswer)[];
  /** From the cost ratio, as the bundle states. */
  readonly threshold: number;
  readonly featureSet: string;
  readonly completeness: number;
  readonly piece: Readonly<Record<string, string>>;
}

export type ModelAction = 'PROMOTED' | 'ROLLED_BACK' | 'ASSIGNED' | 'CLEARED' | 'OTHER';

/** From here on this bundle has this role in this process. The newest entry of a role holds. */
export interface ModelEntry {
  /** Of the process definition. */
  readonly process: string;
  readonly role: ModelRole;
  /** Counts the entries of the process, of all roles, from 1. */
  readonly sequence: number;
  /** When it was decided, ms since the epoch. */
  readonly eventTime: number;
  readonly action: ModelAction;
  /** Empty: nobody has the role. */
  readonly bundle: string;
  /** SHA-256 of the bundle's manifest, which vouches for its files. */
  readonly checksum: string;
  /** That it was trained on. */
  readonly featureSet: string;
  /** Its folder: below the folder of all bundles, or absolute. */
  readonly location: string;
  /** Who decided; castwatch for a default. */
  readonly by: string;
  readonly why: string;
  /** The bundle that had the role before; empty when none. */
  readonly replaces: string;
  /** Of a rollback: the sequence of the entry that holds again. */
  readonly restores: null | number;
}

export type ModelEventKind = 'SERVING' | 'REFUSED' | 'OTHER';

/** What a running instance made of an entry in models.v1. */
export interface ModelEvent {
  readonly process: string;
  readonly role: ModelRole;
  /** Of the entry. */
  readonly sequence: number;
  readonly bundle: string;
  /** By the instance's clock, ms since the epoch. */
  readonly eventTime: number;
  /** SERVING: it answers from here on. REFUSED: it does not, and what answered before goes on. */
  readonly kind: ModelEventKind;
  /** Host and process id. */
  readonly instance: string;
  /** Why it was refused. */
  readonly reason: null | string;
  /** How long loading, checking and warming up took. */
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
  /** Made from asset, rule and the time it was raised, so that a repeat is harmless. */
  readonly id: string;
  readonly asset: string;
  readonly rule: string;
  readonly priority: Priority;
  readonly transition: AlertTransition;
  /** 0 for RAISED, then counting: with the id it identifies the transition. */
  readonly step: number;
  /** Of this transition, by the readings' clock. */
  readonly eventTime: number;
  readonly raisedAt: number;
  /** What the rule watches, at this transition. */
  readonly value: number;
  /** The furthest that the value went in this excursion. */
  readonly peak: number;
  /** Beyond which it was raised. */
  readonly limit: number;
  readonly message: string;
  readonly contributions: readonly (AlertReason)[];
  readonly bundle: string;
  readonly piece: Readonly<Record<string, string>>;
  /** Who did it, for transitions made by people. */
  readonly actor: null | string;
}

/** A row that was predicted on, seen from the bundle's reference: what drift is measured on. */
export interface BinnedRow {
  readonly asset: string;
  /** Of the row and of the prediction. */
  readonly eventTime: number;
  /** Whose reference it is. */
  readonly bundle: string;
  /** As predicted. */
  readonly probability: number;
  /** One byte per feature, in the feature set's order: the bin of the reference that the value lies in. Empty when the bundle has no reference. */
  readonly bins: Buffer;
}

export type DriftStatus = 'OK' | 'TOO_FEW_ROWS' | 'NO_REFERENCE' | 'OTHER';

export interface DriftedFeature {
  /** `probability`, or the feature's name. */
  readonly feature: string;
  readonly psi: number;
  /** In plant words and units. */
  readonly text: string;
}

/** How far the rows of one asset and window are from what the bundle was trained on: population stability index (PSI) per feature and of the probability. */
export interface DriftReport {
  readonly asset: string;
  /** End of the window (inclusive), by the rows' clock. */
  readonly eventTime: number;
  /** Beginning of the window (exclusive). */
  readonly from: number;
  /** Whose reference it is compared with. */
  readonly bundle: string;
  readonly featureSet: string;
  /** Rows in the window. */
  readonly rows: number;
  /** The PSI that so many rows show on average without any drift; overlapping rows count once. */
  readonly chance: number;
  /** Other than OK: there are no numbers, and the reason says why. */
  readonly status: DriftStatus;
  readonly reason: null | string;
  /** PSI of the predicted probability. */
  readonly score: null | number;
  /** The highest PSI of a feature. */
  readonly worst: null | number;
  /** Features whose PSI is above what the process definition warns of. */
  readonly drifted: number;
  /** Of each feature, in the feature set's order; empty unless OK. */
  readonly psi: readonly (number)[];
  /** Where the drift is, the strongest first. */
  readonly strongest: readonly (DriftedFeature)[];
}

export type Verdict = 'TRUE_POSITIVE' | 'FALSE_POSITIVE' | 'TRUE_NEGATIVE' | 'FALSE_NEGATIVE' | 'NOT_JUDGED' | 'OTHER';

export type NotJudgedReason = 'NO_PREDICTION' | 'UNAVAILABLE' | 'TOO_LATE' | 'ALREADY_JUDGED' | 'NEVER_LABELLED' | 'OTHER';

/** What became of a prediction: one record per label, whether there was a prediction to judge or not, and one per stretch of predictions that no label came for. */
export interface JudgedPrediction {
  readonly asset: string;
  /** Start of the span that was judged, as the label has it. */
  readonly eventTime: number;
  /** End of the span. */
  readonly until: number;
  readonly target: string;
  readonly verdict: Verdict;
  /** Why it is not judged. NO_PREDICTION: none of the span or piece. UNAVAILABLE: only such without a probability. TOO_LATE: found later than predictions are kept. ALREADY_JUDGED: an earlier label counts. NEVER_LABELLED: no label within the time that predictions are kept. */
  readonly reason: null | NotJudgedReason;
  /** 1 found, 0 looked and not found; null without a label. */
  readonly label: null | number;
  readonly defect: null | string;
  /** Of the label; empty without one. */
  readonly source: string;
  /** When the label became known; without one, when it was given up. */
  readonly foundAt: number;
  /** How many there were of the span or piece. */
  readonly predictions: number;
  /** Event time of the prediction that is judged: the one with the highest probability, the first of equals. */
  readonly predictedAt: null | number;
  readonly probability: null | number;
  /** From which on it warned. */
  readonly threshold: null | number;
  /** Which models answered; empty without a judged prediction. */
  readonly bundle: string;
  /** As the label has it. */
  readonly piece: Readonly<Record<string, string>>;
}

export interface CalibrationBin {
  /** Lower end of the bin. */
  readonly above: number;
  readonly cases: number;
  readonly positives: number;
  readonly sumProbability: number;
}

/** How good the predictions of one bundle on one asset were, by the labels that became known within a window. Counts add up over assets and windows; shares are null below the number of cases that the process definition asks for. */
export interface LiveQuality {
  readonly asset: string;
  /** End of the window (inclusive), by when labels became known. */
  readonly eventTime: number;
  /** Beginning of the window (exclusive). */
  readonly from: number;
  /** Empty: labels without a prediction to judge. */
  readonly bundle: string;
  /** Whether the newest prediction that was judged in the window is of this bundle. */
  readonly current: boolean;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
  /** Labels that judged nothing, by reason. */
  readonly notJudged: Readonly<Record<string, number>>;
  /** Of the warnings, the share that came true. */
  readonly precision: null | number;
  /** Of the defects, the share that was warned of. */
  readonly recall: null | number;
  /** Mean squared difference of probability and label. */
  readonly brier: null | number;
  /** Mean difference of predicted and found share over the bins, weighted by cases. */
  readonly calibrationError: null | number;
  /** Which shares are null, and how many cases they would need. */
  readonly reason: null | string;
  /** Bins of the probability that have cases, ascending. */
  readonly calibration: readonly (CalibrationBin)[];
  /** Over the cases; with it Brier scores add up. */
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
