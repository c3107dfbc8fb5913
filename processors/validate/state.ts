/** What validate remembers for an asset: sequence numbers seen, and the last values of each tag. */
import { createHash } from 'node:crypto';
import { textLimits } from '../../base/outside-text.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { PartedCodec } from '../../stream/index.ts';
import { ByteReader, ByteWriter, readVersion } from '../bytes.ts';
import { otherDefinition, readRing, ringHead, writeRing, type RingForm } from '../ring-parts.ts';
import { RecentValues, recentShape, type RecentShape } from './recent-values.ts';
import { largestSequenceSet, SequenceSet } from './sequence-set.ts';

/**
 * Versions of a key's own record. Version 1 contains the recent values. In version 2 they are parts, and the rest is compact.
 * Version 3 is written only while the asset's clock may leap; it contains the leap.
 */
const versions = [1, 2, 3] as const;

/** The number of sources that are remembered for an asset; each new session of a producer is a new source. */
export const maxSources = 32;

export interface SourceState {
  /** Latest event time that the source sent, ms since the epoch. The source with the oldest one is forgotten first. */
  lastUsed: number;
  readonly seen: SequenceSet;
}

/** Readings in a row that are far ahead of the asset's latest, and near each other. */
export interface Leap {
  /** The event time of the last of them, ms since the epoch. */
  readonly to: number;
  readonly readings: number;
}

export interface ValidateState {
  /** Latest accepted event time, ms since the epoch; −Infinity before the first reading. */
  latest: number;
  /** Undefined when there are none. */
  leap: Leap | undefined;
  readonly sources: Map<string, SourceState>;
  readonly tags: TagStates;
}

export interface TagStates {
  /** `fieldsPerTag` numbers for each tag, in the definition's order, so that a tag's numbers are neighbours in memory. */
  readonly fields: Float64Array;
  /** The recent values of tags with an anomaly check. */
  readonly recent: RecentValues;
}

/** The fields of a tag; NaN where nothing is known yet. Times are event times in ms. */
export const of = {
  good: 0,
  goodAt: 1,
  /** The last value that passed `checkValue`, its time, and for how long the value has been exactly the same, in ms. */
  seen: 2,
  seenAt: 3,
  sameFor: 4,
  /** A possible new level that came too fast to be accepted at once, its time, and the number of readings that agree. */
  candidate: 5,
  candidateAt: 6,
  confirmed: 7,
} as const;
export const fieldsPerTag = 8;

export function createValidateState(tags: number, recent: RecentShape): ValidateState {
  const fields = new Float64Array(tags * fieldsPerTag).fill(NaN);
  for (let at = 0; at < fields.length; at += fieldsPerTag)
    fields[at + of.sameFor] = fields[at + of.confirmed] = 0;
  return {
    latest: -Infinity,
    leap: undefined,
    sources: new Map(),
    tags: { fields, recent: new RecentValues(recent) },
  };
}

/**
 * The form of the state in the changelog. The key's own record contains everything except the recent values. The values at
 * one place of all rings are one part. When the definition changes its tags or their units, the state of the tags starts empty;
 * the latest event time and the sequence numbers are kept.
 */
export function validateStateCodec(definition: ProcessDefinition): PartedCodec<ValidateState> {
  const layout = createHash('sha256')
    .update(JSON.stringify(definition.tags.map(({ id, unit, anomaly }) => [id, unit, anomaly?.window ?? 0])))
    .digest()
    .readUInt32LE();
  const ring = recentForm(layout);
  const tags = definition.tags.length;
  const recent = recentShape(definition.tags.map(({ anomaly }) => anomaly?.window));
  const writer = new ByteWriter();
  return {
    changes(state, put) {
      const { leap } = state;
      writer.byte(leap === undefined ? 2 : 3);
      writer.double(state.latest);
      if (leap !== undefined) {
        writer.double(leap.to);
        writer.uint(leap.readings);
      }
      writeSources(writer, state);
      writer.uint(layout);
      for (let tag = 0; tag < tags; tag++) writeTag(writer, state, tag);
      put('', writer.finish());
      writeRing(ring, state, writer, put);
    },
    restore(parts) {
      const state = createValidateState(tags, recent);
      const own = parts.get('');
      if (own === undefined) throw new Error("the key's own record is missing");
      const obsolete = readRing(ring, state, parts);
      const isOurs = readOwn(new ByteReader(own), state, layout);
      return { state, obsolete, evicted: isOurs ? [] : [otherDefinition] };
    },
  };
}

/** The most bytes that the state of an asset has in the changelog. */
export function largestValidateState({ tags }: ProcessDefinition): number {
  const rings = tags.flatMap(({ anomaly }) => anomaly?.window ?? []);
  const own = 1 + 8 + (8 + 4) + 4 + maxSources * (4 + textLimits.name + 8 + largestSequenceSet) + 4;
  const perTag = 1 + 11 * 8 + 2 * 4;
  const inOne = rings.reduce((sum, window) => sum + window * 8, ringHead);
  const bySlot = Math.max(0, ...rings) * (ringHead + rings.length * 8);
  return own + tags.length * perTag + inOne + bySlot;
}

/** @returns false when the values of tags are of another definition, and were not read */
function readOwn(reader: ByteReader, state: ValidateState, layout: number): boolean {
  const version = readVersion(reader, ...versions);
  state.latest = reader.double();
  if (version === 3) state.leap = { to: reader.double(), readings: reader.uint() };
  readSources(reader, state);
  if (reader.uint() !== layout) return false;
  const { tags } = state;
  const count = tags.fields.length / fieldsPerTag;
  if (version === 1) readTagsOfVersion1(reader, tags, count);
  else for (let tag = 0; tag < count; tag++) readTag(reader, state, tag);
  reader.end();
  return true;
}

/** Version 1: all tags' values field by field, then the recent values, oldest first. */
function readTagsOfVersion1(reader: ByteReader, { fields, recent }: TagStates, count: number): void {
  for (let field = 0; field < fieldsPerTag; field++)
    for (let tag = 0; tag < count; tag++) fields[tag * fieldsPerTag + field] = reader.double();
  for (let ring = 0; ring < recent.shape.windows.length; ring++)
    for (let left = reader.uint(); left > 0; left--) recent.push(ring, reader.double());
}

function writeSources(writer: ByteWriter, { sources }: ValidateState): void {
  writer.uint(sources.size);
  for (const [name, { lastUsed, seen }] of sources) {
    writer.text(name);
    writer.double(lastUsed);
    seen.write(writer);
  }
}

function readSources(reader: ByteReader, { sources }: ValidateState): void {
  for (let left = reader.uint(); left > 0; left--) {
    const name = reader.text();
    const lastUsed = reader.double();
    sources.set(name, { lastUsed, seen: SequenceSet.read(reader) });
  }
}

/** Flags for the fields that differ from the usual case. Usually the last good value is the last one seen, from the latest reading. */
const unlike = { good: 1, seenAt: 2, goodAt: 4, sameFor: 8, candidate: 16 } as const;

function writeTag(writer: ByteWriter, { latest, tags }: ValidateState, tag: number): void {
  const { fields, recent } = tags;
  const at = tag * fieldsPerTag;
  const seen = fields[at + of.seen] ?? NaN;
  const seenAt = fields[at + of.seenAt] ?? NaN;
  const good = fields[at + of.good] ?? NaN;
  const goodAt = fields[at + of.goodAt] ?? NaN;
  const sameFor = fields[at + of.sameFor] ?? NaN;
  const confirmed = fields[at + of.confirmed] ?? NaN;
  let flags = 0;
  if (!Object.is(good, seen)) flags |= unlike.good;
  if (!Object.is(seenAt, latest)) flags |= unlike.seenAt;
  if (!Object.is(goodAt, seenAt)) flags |= unlike.goodAt;
  if (sameFor !== 0) flags |= unlike.sameFor;
  // Without a confirmation the candidate means nothing.
  if (confirmed !== 0) flags |= unlike.candidate;
  writer.byte(flags);
  writer.double(seen);
  if (flags & unlike.good) writer.double(good);
  if (flags & unlike.seenAt) writer.double(seenAt);
  if (flags & unlike.goodAt) writer.double(goodAt);
  if (flags & unlike.sameFor) writer.double(sameFor);
  if (flags & unlike.candidate) {
    writer.double(fields[at + of.candidate] ?? NaN);
    writer.double(fields[at + of.candidateAt] ?? NaN);
    writer.double(confirmed);
  }
  const ring = recent.shape.ringOf[tag] ?? -1;
  if (ring < 0) return;
  writer.uint(recent.count(ring));
  writer.uint(recent.next(ring));
}

function readTag(reader: ByteReader, { latest, tags }: ValidateState, tag: number): void {
  const { fields, recent } = tags;
  const at = tag * fieldsPerTag;
  const flags = reader.byte();
  const seen = reader.double();
  fields[at + of.seen] = seen;
  fields[at + of.good] = flags & unlike.good ? reader.double() : seen;
  const seenAt = flags & unlike.seenAt ? reader.double() : latest;
  fields[at + of.seenAt] = seenAt;
  fields[at + of.goodAt] = flags & unlike.goodAt ? reader.double() : seenAt;
  if (flags & unlike.sameFor) fields[at + of.sameFor] = reader.double();
  if (flags & unlike.candidate)
    for (const field of [of.candidate, of.candidateAt, of.confirmed]) fields[at + field] = reader.double();
  const ring = recent.shape.ringOf[tag] ?? -1;
  if (ring >= 0) recent.resume(ring, reader.uint(), reader.uint());
}

const recentForm = (layout: number): RingForm<ValidateState> => ({
  layout,
  changed: ({ tags }) => tags.recent.changed,
  writeSlot(to, { tags: { recent } }, place) {
    for (let ring = 0; ring < recent.shape.windows.length; ring++)
      if (place < recent.size(ring)) to.double(recent.valueAt(ring, place));
  },
  readSlot(from, { tags: { recent } }, place) {
    for (let ring = 0; ring < recent.shape.windows.length; ring++)
      if (place < recent.size(ring)) recent.putBack(ring, place, from.double());
  },
  writeAll(to, { tags: { recent } }) {
    for (const [ring, size] of recent.shape.windows.entries())
      for (let place = 0; place < size; place++) to.double(recent.valueAt(ring, place));
  },
  readAll(from, { tags: { recent } }) {
    for (const [ring, size] of recent.shape.windows.entries())
      for (let place = 0; place < size; place++) recent.putBack(ring, place, from.double());
  },
});
