/* Generated from schemas/*.avsc by `npm run generate`. Do not edit. */
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
