/**
 * What a source is: records in publishing order. The same object feeds Kafka (`publish.ts`), the offline
 * oracle and training: each `for await` over it begins again and gives the same records.
 */
import type { MesEvent, QualityLabel, SensorReading } from '../schemas/generated/types.ts';
import type { Malformed } from '../base/malformed.ts';

/** When a record is published, in two clocks. */
interface Published {
  /** The Kafka record's timestamp, ms since the epoch: what validation compares event time with. */
  readonly timestamp: number;
  /** ms of plant time since the source began; never falls along a source. Replay is paced by it. */
  readonly due: number;
}

/** One scan to be published. */
export interface ReadingRecord extends Published {
  readonly topic: 'sensorReadings';
  readonly value: SensorReading;
}

export interface MesRecord extends Published {
  readonly topic: 'mesEvents';
  readonly value: MesEvent;
}

export interface LabelRecord extends Published {
  readonly topic: 'qualityLabels';
  readonly value: QualityLabel;
}

/** Bytes that no schema explains, as a broken producer would write them. They end as a dead letter. */
export interface UndecodableRecord extends Published {
  readonly topic: 'sensorReadings';
  readonly value: null;
  /** The record key: an asset. */
  readonly key: string;
  readonly bytes: Buffer;
}

export type ValueRecord = ReadingRecord | MesRecord | LabelRecord;
export type SourceRecord = ValueRecord | UndecodableRecord;

export interface SourceProgress {
  /** Records handed out by the latest iteration. */
  readonly records: number;
  /** Share of the source handed out, 0 to 1; undefined when it has no end or the end is not known. */
  readonly share: number | undefined;
  /** Timestamp of the last record handed out, ms since the epoch; undefined before the first. */
  readonly timestamp: number | undefined;
}

/** Batches of records in publishing order: per asset, the order of the arrays is the order on the topic. */
export interface Source extends AsyncIterable<readonly SourceRecord[]> {
  /** Becomes the CloudEvents source of each record. */
  readonly name: string;
  /** Of the latest iteration. */
  progress(): SourceProgress;
  /** What the latest iteration left out or spoiled, by reason (malformed rows, injected faults). */
  counts(): Readonly<Record<string, number>>;
  /** Of a source that reads: what the latest iteration could not read. */
  malformed?(): Malformed;
}

/** The record's key on its topic. */
export function keyOf(record: SourceRecord): string {
  return record.value === null ? record.key : record.value.asset;
}

/** Record by record, for whoever does not care about batches. */
export async function* records(source: AsyncIterable<readonly SourceRecord[]>): AsyncGenerator<SourceRecord> {
  for await (const batch of source) yield* batch;
}
