/** What features remembers of an asset: recent scans, how far rows have been made, and the pieces. */
import { createHash } from 'node:crypto';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { MesEventType } from '../../schemas/generated/types.ts';
import type { Codec } from '../../stream/step.ts';
import { ByteWriter, versionedReader, type ByteReader } from '../bytes.ts';
import { emptyHistory, type EventOrder, type PieceHistory } from './pieces.ts';
import { Baseline } from './baseline.ts';
import { Scans, scanShape } from './scans.ts';

const version = 1;

export interface FeaturesState {
  /** Latest event time, ms since the epoch; −Infinity before the first reading. */
  latest: number;
  /** Rows have been made, or had nothing to say, up to this end; −Infinity before the first reading. */
  madeUpTo: number;
  readonly scans: Scans;
  /** Of the scans up to `madeUpTo`; undefined when the definition asks for none. */
  readonly baseline: Baseline | undefined;
  readonly pieces: PieceHistory;
}

export function createFeaturesState(definition: ProcessDefinition): FeaturesState {
  const { baseline } = definition.features;
  return {
    latest: -Infinity,
    madeUpTo: -Infinity,
    scans: new Scans(scanShape(definition)),
    baseline: baseline && new Baseline(definition.tags.length, baseline.halfLife / definition.time.period),
    pieces: emptyHistory(),
  };
}

/**
 * The state's changelog form: the clock, the pieces, the scans, the baseline. After a change of
 * tags or spans the scans and the baseline begin anew, while the clock and the pieces are kept.
 */
export function featuresStateCodec(definition: ProcessDefinition): Codec<FeaturesState> {
  const { baseline } = definition.features;
  const grid = JSON.stringify({ ...scanShape(definition), ...(baseline && { baseline }) });
  const layout = createHash('sha256').update(grid).digest().readUInt32LE();
  const writer = new ByteWriter();
  return {
    encode(state) {
      writer.byte(version);
      writer.double(state.latest);
      writer.double(state.madeUpTo);
      writePieces(writer, state.pieces);
      writer.uint(layout);
      writeScans(writer, state.scans);
      if (state.baseline) writeBaseline(writer, state.baseline);
      return writer.finish();
    },
    decode(bytes) {
      const reader = versionedReader(bytes, version);
      const state = createFeaturesState(definition);
      state.latest = reader.double();
      state.madeUpTo = reader.double();
      readPieces(reader, state.pieces);
      if (reader.uint() !== layout) return state;
      readScans(reader, state.scans);
      if (state.baseline) readBaseline(reader, state.baseline);
      reader.end();
      return state;
    },
  };
}

/** The ring as it lies there: copying it whole is many times quicker than picking the scans out. */
function writeScans(writer: ByteWriter, scans: Scans): void {
  const sources = [...new Set(scans.sources)];
  writer.uint(sources.length);
  for (const source of sources) writer.text(source);
  for (const source of scans.sources) writer.uint(sources.indexOf(source));
  for (const array of [scans.slots, scans.times, scans.sequences, scans.values]) writer.doubles(array);
  writer.bytes(scans.marks);
}

function readScans(reader: ByteReader, scans: Scans): void {
  const sources = Array.from({ length: reader.uint() }, () => reader.text());
  for (const place of scans.sources.keys()) scans.sources[place] = sources[reader.uint()] ?? '';
  for (const array of [scans.slots, scans.times, scans.sequences, scans.values]) reader.doublesInto(array);
  reader.bytesInto(scans.marks);
}

function writeBaseline(writer: ByteWriter, { until, weights, means, squares }: Baseline): void {
  writer.double(until);
  for (const array of [weights, means, squares]) writer.doubles(array);
}

function readBaseline(reader: ByteReader, baseline: Baseline): void {
  baseline.until = reader.double();
  for (const array of [baseline.weights, baseline.means, baseline.squares]) reader.doublesInto(array);
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
