/** What features remembers of an asset: recent scans, how far rows have been made, and the pieces. */
import { createHash } from 'node:crypto';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { MesEventType } from '../../schemas/generated/types.ts';
import type { Codec } from '../../stream/step.ts';
import { ByteReader, ByteWriter } from '../bytes.ts';
import { emptyHistory, type EventOrder, type PieceHistory } from './pieces.ts';
import { Scans, scanShape, type ScanShape } from './scans.ts';

const version = 1;

export interface FeaturesState {
  /** Latest event time, ms since the epoch; −Infinity before the first reading. */
  latest: number;
  /** Rows have been made, or had nothing to say, up to this end; −Infinity before the first reading. */
  madeUpTo: number;
  readonly scans: Scans;
  readonly pieces: PieceHistory;
}

export const createFeaturesState = (shape: ScanShape): FeaturesState => ({
  latest: -Infinity,
  madeUpTo: -Infinity,
  scans: new Scans(shape),
  pieces: emptyHistory(),
});

/**
 * The state's changelog form: the scans that may still be asked for, the clock, the pieces. After a change of
 * tags or spans the scans begin anew, while the clock and the pieces are kept.
 */
export function featuresStateCodec(definition: ProcessDefinition): Codec<FeaturesState> {
  const shape = scanShape(definition);
  const layout = createHash('sha256').update(JSON.stringify(shape)).digest().readUInt32LE();
  const writer = new ByteWriter();
  return {
    encode(state) {
      writer.byte(version);
      writer.double(state.latest);
      writer.double(state.madeUpTo);
      writePieces(writer, state.pieces);
      writer.uint(layout);
      writeScans(writer, state);
      return writer.finish();
    },
    decode(bytes) {
      const reader = new ByteReader(bytes);
      const found = reader.byte();
      if (found !== version)
        throw new Error(`state of version ${found}; this program reads version ${version}`);
      const state = createFeaturesState(shape);
      state.latest = reader.double();
      state.madeUpTo = reader.double();
      readPieces(reader, state.pieces);
      if (reader.uint() !== layout) return state;
      readScans(reader, state.scans);
      reader.end();
      return state;
    },
  };
}

function writeScans(writer: ByteWriter, { scans, latest }: FeaturesState): void {
  const { capacity, tags } = scans.shape;
  const newest = Number.isFinite(latest) ? scans.slotOf(latest) : 0;
  const live: number[] = [];
  for (let slot = newest - capacity + 1; slot <= newest; slot++)
    if (scans.has(slot)) live.push(scans.placeOf(slot));
  const sources = [...new Set(live.map((place) => scans.sources[place] ?? ''))];
  writer.uint(sources.length);
  for (const source of sources) writer.text(source);
  writer.uint(live.length);
  for (const place of live) {
    writer.double(scans.slots[place] ?? NaN);
    writer.double(scans.times[place] ?? NaN);
    writer.double(scans.sequences[place] ?? NaN);
    writer.uint(sources.indexOf(scans.sources[place] ?? ''));
    for (let tag = 0; tag < tags.length; tag++) {
      writer.double(scans.values[tag * capacity + place] ?? NaN);
      writer.byte(scans.marks[tag * capacity + place] ?? 0);
    }
  }
}

function readScans(reader: ByteReader, scans: Scans): void {
  const { capacity, tags } = scans.shape;
  const sources = Array.from({ length: reader.uint() }, () => reader.text());
  for (let left = reader.uint(); left > 0; left--) {
    const slot = reader.double();
    const place = scans.placeOf(slot);
    scans.slots[place] = slot;
    scans.times[place] = reader.double();
    scans.sequences[place] = reader.double();
    scans.sources[place] = sources[reader.uint()] ?? '';
    for (let tag = 0; tag < tags.length; tag++) {
      scans.values[tag * capacity + place] = reader.double();
      scans.marks[tag * capacity + place] = reader.byte();
    }
  }
}

const types: readonly MesEventType[] = ['STARTED', 'CHANGED', 'ENDED'];

function writePieces(writer: ByteWriter, { facts, waiting }: PieceHistory): void {
  writer.uint(facts.size);
  for (const [level, { since, id, properties }] of facts) {
    writer.text(level);
    writeOrder(writer, since);
    writer.byte(id === undefined ? 0 : 1);
    writer.text(id ?? '');
    writeProperties(writer, properties);
  }
  writer.uint(waiting.length);
  for (const event of waiting) {
    writer.text(event.level);
    writeOrder(writer, event);
    writer.byte(types.indexOf(event.type));
    writer.text(event.id);
    writeProperties(writer, event.properties);
  }
}

function readPieces(reader: ByteReader, { facts, waiting }: PieceHistory): void {
  for (let left = reader.uint(); left > 0; left--) {
    const level = reader.text();
    const since = readOrder(reader);
    const on = reader.byte() === 1;
    const id = reader.text();
    facts.set(level, { since, id: on ? id : undefined, properties: readProperties(reader) });
  }
  for (let left = reader.uint(); left > 0; left--) {
    const level = reader.text();
    const order = readOrder(reader);
    const type = types[reader.byte()] ?? 'CHANGED';
    waiting.push({ ...order, type, level, id: reader.text(), properties: readProperties(reader) });
  }
}

function writeOrder(writer: ByteWriter, { eventTime, sequence, source }: EventOrder): void {
  writer.double(eventTime);
  writer.double(sequence);
  writer.text(source);
}

const readOrder = (reader: ByteReader): EventOrder => ({
  eventTime: reader.double(),
  sequence: reader.double(),
  source: reader.text(),
});

function writeProperties(writer: ByteWriter, properties: Readonly<Record<string, string>>): void {
  const entries = Object.entries(properties);
  writer.uint(entries.length);
  for (const [name, value] of entries) {
    writer.text(name);
    writer.text(value);
  }
}

function readProperties(reader: ByteReader): Readonly<Record<string, string>> {
  const entries = Array.from({ length: reader.uint() }, () => [reader.text(), reader.text()] as const);
  return Object.fromEntries(entries);
}
