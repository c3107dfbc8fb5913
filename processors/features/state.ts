/** What features remembers for an asset: recent scans, how far rows have been made, and the pieces. */
import { textLimits } from '../../base/outside-text.ts';
import { shortDigest, unitsBefore, usedUnits } from '../../processes/feature-set.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { MesEventType } from '../../schemas/generated/types.ts';
import { noWatermark, type PartedCodec } from '../../stream/index.ts';
import { ByteReader, ByteWriter, readVersion } from '../bytes.ts';
import { otherDefinition, readRing, ringHead, writeRing, type RingForm } from '../ring-parts.ts';
import { emptyHistory, eventBytes, maxWaitingBytes, type EventOrder, type PieceHistory } from './pieces.ts';
import { Baseline } from './baseline.ts';
import { headSize, Scans, scanShape } from './scans.ts';

/** Versions of a key's own record. Version 1 contains all scans, tag by tag. In version 2 the scans are parts. */
const versions = [1, 2] as const;

export interface FeaturesState {
  /** Latest event time, ms since the epoch; −Infinity before the first reading. */
  latest: number;
  /** All rows up to this end have been made or left out for lack of scans; −Infinity before the first reading. */
  madeUpTo: number;
  readonly scans: Scans;
  /** Includes the scans up to `madeUpTo`; undefined when the definition has no baseline. */
  readonly baseline: Baseline | undefined;
  readonly pieces: PieceHistory;
  /** What the changelog contains, so that only changes are written. */
  readonly kept: { madeUpTo: number; pieces: number };
}

export function createFeaturesState(definition: ProcessDefinition): FeaturesState {
  const { baseline } = definition.features;
  return {
    latest: noWatermark,
    madeUpTo: -Infinity,
    scans: new Scans(scanShape(definition)),
    baseline: baseline && new Baseline(definition.tags.length, baseline.halfLife / definition.time.period),
    pieces: emptyHistory(),
    kept: { madeUpTo: NaN, pieces: NaN },
  };
}

/**
 * Forgets the asset's times and scans, because its clock was wrong. The next reading sets the clock. The baseline's means
 * stay, and so do the pieces, whose times come from the MES.
 */
export function startClockAgain(state: FeaturesState): void {
  state.latest = -Infinity;
  state.madeUpTo = -Infinity;
  state.scans.clear();
  if (state.baseline) state.baseline.until = NaN;
}

/**
 * The form of the state in the changelog. The key's own record contains `madeUpTo`, the pieces and the baseline, which
 * change once per row or event. Each scan is a part. The latest event time is that of the latest scan. When the definition
 * changes its tags, their units or its windows, the scans and the baseline start empty; the rest is kept.
 */
export function featuresStateCodec(definition: ProcessDefinition): PartedCodec<FeaturesState> {
  const layouts = layoutsOf(definition);
  const { layout } = layouts;
  const ring = scansForm(layouts);
  const writer = new ByteWriter();
  return {
    changes(state, put) {
      const { kept, madeUpTo, pieces } = state;
      if (kept.madeUpTo !== madeUpTo || kept.pieces !== pieces.version) {
        writer.byte(2);
        writer.double(state.latest);
        writer.double(madeUpTo);
        writePieces(writer, pieces);
        writer.uint(layout);
        if (state.baseline) writeBaseline(writer, state.baseline);
        put('', writer.finish());
        kept.madeUpTo = madeUpTo;
        kept.pieces = pieces.version;
      }
      writeRing(ring, state, writer, put);
    },
    restore(parts) {
      const state = createFeaturesState(definition);
      const own = parts.get('');
      const isOurs = own === undefined || readOwn(new ByteReader(own), state, layouts);
      const obsolete = readRing(ring, state, parts);
      state.latest = Math.max(state.latest, state.scans.latest);
      return { state, obsolete, evicted: isOurs ? [] : [otherDefinition] };
    },
  };
}

/** What the numbers of a state mean, as a number. */
interface Layouts {
  readonly layout: number;
  /** The layout from before units were part of it. Nobody knows its units, so they are taken to be the same. */
  readonly before?: number;
}

function layoutsOf(definition: ProcessDefinition): Layouts {
  const { baseline } = definition.features;
  const grid = shortDigest({ ...scanShape(definition), ...(baseline && { baseline }) });
  const units = unitsBefore(grid, definition);
  if (units === 'same') return { layout: numberOf(grid) };
  const layout = numberOf(shortDigest([grid, usedUnits(definition)]));
  return units === 'unknown' ? { layout, before: numberOf(grid) } : { layout };
}

const numberOf = (hex: string): number => Buffer.from(hex, 'hex').readUInt32LE();

/** The most bytes that the state of an asset has in the changelog. A ring may be there in one part and by scan. */
export function largestFeaturesState(definition: ProcessDefinition): number {
  const { capacity, tags } = scanShape(definition);
  const source = 4 + textLimits.name;
  const scan = (headSize + tags.length) * 8 + tags.length;
  const scans = ringHead + 4 + capacity * (source + 4 + scan) + capacity * (ringHead + source + scan);
  const baseline = definition.features.baseline ? 8 + 3 * 8 * tags.length : 0;
  const name = 4 + textLimits.name;
  const properties = 4 + (definition.piece?.properties.length ?? 0) * (name + 4 + textLimits.fact);
  const fact = name + 8 + 8 + name + 1 + name + properties;
  const pieces = 4 + (definition.piece?.levels.length ?? 0) * fact + 4 + maxWaitingBytes;
  return 1 + 8 + 8 + 4 + pieces + baseline + scans;
}

/** @returns false when the scans and the baseline are of another definition, and were not read */
function readOwn(reader: ByteReader, state: FeaturesState, { layout, before }: Layouts): boolean {
  const version = readVersion(reader, ...versions);
  state.latest = reader.double();
  state.madeUpTo = reader.double();
  readPieces(reader, state.pieces);
  const written = reader.uint();
  if (written !== layout && written !== before) return false;
  if (version === 1) {
    readAllScans(reader, state.scans);
    state.scans.changed.addAll();
  } else if (written === layout) {
    state.kept.madeUpTo = state.madeUpTo;
    state.kept.pieces = state.pieces.version;
  }
  if (state.baseline) readBaseline(reader, state.baseline);
  reader.end();
  return true;
}

const scansForm = (layouts: Layouts): RingForm<FeaturesState> => ({
  ...layouts,
  changed: ({ scans }) => scans.changed,
  writeSlot(to, { scans }, place) {
    const { width } = scans;
    const values = scans.valuesFrom(place);
    to.doubles(scans.numbers, place * scans.stride, values);
    to.text(scans.sources[place] ?? '');
    to.doubles(scans.numbers, values, values + width);
    to.bytes(scans.marks.subarray(place * width, (place + 1) * width));
  },
  readSlot(from, { scans }, place) {
    const { width } = scans;
    const values = scans.valuesFrom(place);
    from.doublesInto(scans.numbers, place * scans.stride, values);
    scans.sources[place] = from.text();
    from.doublesInto(scans.numbers, values, values + width);
    from.bytesInto(scans.marks.subarray(place * width, (place + 1) * width));
  },
  writeAll(to, { scans }) {
    const sources = [...new Set(scans.sources)];
    to.uint(sources.length);
    for (const source of sources) to.text(source);
    for (const source of scans.sources) to.uint(sources.indexOf(source));
    eachNumber(scans, (at) => {
      to.double(scans.numbers[at] ?? NaN);
    });
    to.bytes(scans.marks);
  },
  readAll(from, { scans }) {
    readSources(from, scans);
    eachNumber(scans, (at) => {
      scans.numbers[at] = from.double();
    });
    from.bytesInto(scans.marks);
  },
});

/** Visits the numbers in the order of a ring's bytes: each number of the heads for all places, then the values by place. */
function eachNumber(scans: Scans, visit: (at: number) => void): void {
  const { width } = scans;
  const { capacity } = scans.shape;
  eachHeadNumber(scans, visit);
  for (let place = 0; place < capacity; place++)
    for (let tag = 0; tag < width; tag++) visit(scans.valuesFrom(place) + tag);
}

function eachHeadNumber({ shape, stride, width }: Scans, visit: (at: number) => void): void {
  for (let field = 0; field < stride - width; field++)
    for (let place = 0; place < shape.capacity; place++) visit(place * stride + field);
}

function readSources(reader: ByteReader, scans: Scans): void {
  const sources = Array.from({ length: reader.uint() }, () => reader.text());
  for (const place of scans.sources.keys()) scans.sources[place] = sources[reader.uint()] ?? '';
}

/** Version 1 had values and marks tag by tag. */
function readAllScans(reader: ByteReader, scans: Scans): void {
  const { width } = scans;
  const { capacity } = scans.shape;
  readSources(reader, scans);
  eachHeadNumber(scans, (at) => {
    scans.numbers[at] = reader.double();
  });
  for (let tag = 0; tag < width; tag++)
    for (let place = 0; place < capacity; place++)
      scans.numbers[scans.valuesFrom(place) + tag] = reader.double();
  for (let tag = 0; tag < width; tag++)
    for (let place = 0; place < capacity; place++) scans.marks[place * width + tag] = reader.byte();
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

function readPieces(reader: ByteReader, history: PieceHistory): void {
  const { facts, waiting } = history;
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
    const event = { ...order, type, level, id: reader.text(), properties: readProperties(reader) };
    waiting.push(event);
    history.waitingBytes += eventBytes(event);
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
