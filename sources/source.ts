/**
 * The two types of source. A function's parameter says which one it needs.
 *
 * - `Replayable`: every iteration gives the same records. Publishing, the offline oracle and training read the same object.
 * - `Live`: the plant gives each value once. The source keeps its position and reports its health.
 *
 * `publish/publish.ts` takes both. Code that compares results with the input, or learns from it, takes a `Replayable`.
 */
import type { Malformed } from '../base/malformed.ts';
import type { MesEvent, QualityLabel, SensorReading } from '../schemas/generated/types.ts';

interface Stamped {
  /** Becomes the Kafka record's timestamp, ms since the epoch. Validation compares event times with it. */
  readonly timestamp: number;
}

interface Due {
  /** ms of plant time since the source began; never falls within a source. It sets the pace of a replay. */
  readonly due: number;
}

/** One scan. */
interface Reading extends Stamped {
  readonly topic: 'sensorReadings';
  readonly value: SensorReading;
}

interface Event extends Stamped {
  readonly topic: 'mesEvents';
  readonly value: MesEvent;
}

interface Label extends Stamped {
  readonly topic: 'qualityLabels';
  readonly value: QualityLabel;
}

/** Bytes that no schema can decode, as a broken producer would write them. They become a dead letter. */
interface Undecodable extends Stamped {
  readonly topic: 'sensorReadings';
  readonly value: null;
  /** The record key: an asset. */
  readonly key: string;
  readonly bytes: Buffer;
}

export type ReadingRecord = Reading & Due;
export type MesRecord = Event & Due;
export type LabelRecord = Label & Due;
export type UndecodableRecord = Undecodable & Due;

export type ValueRecord = ReadingRecord | MesRecord | LabelRecord;

/** What a replayable source gives. */
export type SourceRecord = ValueRecord | UndecodableRecord;

/** What a live source gives. Its records have no `due`, because they are published at once. */
export type LiveRecord = Reading | Event | Label | Undecodable;

export interface SourceProgress {
  /** Records given by the latest iteration. */
  readonly records: number;
  /** Share of the source that was given, 0 to 1; undefined when it has no end or the end is not known. */
  readonly share: number | undefined;
  /** Timestamp of the last record given, ms since the epoch; undefined before the first. */
  readonly timestamp: number | undefined;
}

interface Named {
  /** Becomes the CloudEvents source of each record. The part before the first colon is the kind. */
  readonly name: string;
  /** The progress of the latest iteration. */
  progress(): SourceProgress;
  /** Number of records and rows that the latest iteration left out, lost or spoiled, by reason. */
  counts(): Readonly<Record<string, number>>;
  /** What the latest iteration could not read, with an example for each reason. */
  malformed?(): Malformed;
}

/**
 * Batches of records in the order of publication: an asset's records have the same order on the topic. Each `for await`
 * starts again and gives the same records.
 */
export interface Replayable<R = SourceRecord> extends Named, AsyncIterable<readonly R[]> {
  readonly kind: 'replayable';
}

/**
 * - `waiting`: it has not received a value yet, but has not waited long.
 * - `receiving`: values come in.
 * - `paused`: the publisher asks for nothing, because Kafka does not take records fast enough.
 * - `silent`: the source listens, and no value has come for longer than is normal for this plant.
 * - `lost`: the source cannot reach what it listens to. It keeps trying.
 * - `ended`: the source gives no further values.
 */
export type LiveState = 'waiting' | 'receiving' | 'paused' | 'silent' | 'lost' | 'ended';

export interface LiveHealth {
  readonly state: LiveState;
  /** When the state began, ms since the epoch. */
  readonly since: number;
  /** When the last value came in, ms since the epoch; undefined before the first. */
  readonly lastValueAt: number | undefined;
  /** One sentence for an operator when something is wrong: what and where. */
  readonly problem: string | undefined;
  /** The last position that was acknowledged, as text for people; undefined before the first. */
  readonly position: string | undefined;
}

/** What a live source has received, in the order of receipt. */
export interface LiveBatch {
  /** Empty when only the position changed, for example past lines that the source could not read. */
  readonly records: readonly LiveRecord[];
  /**
   * Marks this batch and all earlier ones as done, so that they are not received again. The publisher calls this only
   * after Kafka has acknowledged all of their records, in the order of the batches, one call at a time. It may skip calls
   * for earlier batches. Resolves when the position survives `kill -9` and a power failure.
   * @throws CastwatchError when the position cannot be stored
   */
  acknowledge(): Promise<void>;
}

/**
 * A source that receives each value once.
 *
 * - **Position.** A source that is killed continues after the last acknowledged batch. Later records that Kafka already had
 *   come again; validation recognizes repeats by source and sequence.
 * - **Back-pressure.** The publisher asks for the next batch when it has room. Between two requests, a source that can
 *   pause the outside does so. A source that cannot pause keeps a bounded buffer, drops what does not fit, and counts it
 *   in `counts()` with a reason. A batch has at most a few hundred records.
 * - **Health.** `health()` is correct at any time, also while nothing is received. A source that cannot reach the outside
 *   keeps trying and reports `lost`; it does not throw.
 */
export interface Live extends Named {
  readonly kind: 'live';
  /**
   * Receives from the last acknowledged position on. Ends when the signal aborts, or when no further values can come.
   * Can be called once.
   * @throws CastwatchError, from the iteration, when the source can never work as it is configured
   */
  receive(signal: AbortSignal): AsyncIterable<LiveBatch>;
  health(): LiveHealth;
}

export type Source = Replayable | Live;

/** `simulator`, `csv`, `tail`: the part of the name before the first colon, for metrics. */
export const kindOf = ({ name }: Pick<Source, 'name'>): string => name.split(':')[0] ?? name;

/** Returns the record's key on its topic. */
export function keyOf(record: LiveRecord): string {
  return record.value === null ? record.key : record.value.asset;
}

/** Gives the records one by one. */
export async function* records(source: AsyncIterable<readonly SourceRecord[]>): AsyncGenerator<SourceRecord> {
  for await (const batch of source) yield* batch;
}
