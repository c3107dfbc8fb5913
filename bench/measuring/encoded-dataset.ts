/** The records of a run, encoded beforehand in one file: a simulation, spoiled with the faults of real plants. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { openSource } from '../../sources/open.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { eventId } from '../../schemas/headers.ts';
import type { Serde } from '../../schemas/registry/serde.ts';
import { faultKinds } from '../../sources/faults/fault-kinds.ts';
import { records, type MesRecord, type ReadingRecord } from '../../sources/source.ts';

export type InputRecord = ReadingRecord | MesRecord;

/** Encoded, as the load generator sends it. */
export interface DatasetRecord {
  readonly topic: InputRecord['topic'];
  readonly key: string;
  /** Id of the event, for the headers. */
  readonly id: string;
  /** The source's timestamp, ms since the epoch. A paced load replaces it by the scheduled time. */
  readonly timestamp: number;
  readonly value: Buffer;
}

export interface InputOptions {
  readonly definition: ProcessDefinition;
  /** Number of records, MES events included. */
  readonly count: number;
  readonly seed: string;
}

/**
 * Two faults are left out, so that one oracle serves all runs. Clock skew depends on the record's timestamp, which a paced
 * load replaces. Undecodable records concern the runtime, not the steps.
 */
const faults = faultKinds.filter((kind) => kind !== 'clock-skew' && kind !== 'undecodable').join(',');
const firstScan = Date.parse('2026-03-01T06:00:00Z');

/** Equal options give equal records. */
export async function* inputRecords({ definition, count, seed }: InputOptions): AsyncGenerator<InputRecord> {
  const source = await openSource(definition, {
    source: 'simulator',
    file: [],
    seed,
    faults,
    startTime: firstScan,
  });
  let left = count;
  for await (const record of records(source)) {
    if (record.value === null || record.topic === 'qualityLabels') continue;
    if (left-- === 0) return;
    yield record;
  }
}

const topics = ['sensorReadings', 'mesEvents'] as const;
/** Bytes of the lengths of topic, key, id and value, and of the timestamp. */
const headBytes = 1 + 2 + 2 + 4 + 8;
const chunkBytes = 8 * 1024 * 1024;

export async function writeEncodedDataset(file: string, options: InputOptions, serde: Serde): Promise<void> {
  const readings = serde.codec('sensorReadings');
  const events = serde.codec('mesEvents');
  const out = openSync(file, 'w');
  let waiting: Buffer[] = [];
  let bytes = 0;
  const flush = (): void => {
    writeSync(out, Buffer.concat(waiting));
    waiting = [];
    bytes = 0;
  };
  try {
    for await (const record of inputRecords(options)) {
      const value =
        record.topic === 'sensorReadings' ? readings.encode(record.value) : events.encode(record.value);
      const key = Buffer.from(record.value.asset);
      const id = Buffer.from(eventId(record.value));
      const head = Buffer.alloc(headBytes);
      head.writeUInt8(topics.indexOf(record.topic), 0);
      head.writeUInt16LE(key.length, 1);
      head.writeUInt16LE(id.length, 3);
      head.writeUInt32LE(value.length, 5);
      head.writeDoubleLE(record.timestamp, 9);
      waiting.push(head, key, id, value);
      bytes += value.length;
      if (bytes > chunkBytes) flush();
    }
    flush();
  } finally {
    closeSync(out);
  }
}

/** Reads the complete dataset into memory. Values are views into one buffer. */
export function readEncodedDataset(file: string): readonly DatasetRecord[] {
  const bytes = readFileSync(file);
  const found: DatasetRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const key = at + headBytes;
    const id = key + bytes.readUInt16LE(at + 1);
    const value = id + bytes.readUInt16LE(at + 3);
    const end = value + bytes.readUInt32LE(at + 5);
    found.push({
      topic: topics[bytes.readUInt8(at)] ?? 'sensorReadings',
      key: bytes.toString('utf8', key, id),
      id: bytes.toString('utf8', id, value),
      timestamp: bytes.readDoubleLE(at + 9),
      value: bytes.subarray(value, end),
    });
    at = end;
  }
  return found;
}
