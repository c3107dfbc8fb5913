/** What validate remembers of an asset. */
import { createHash } from 'node:crypto';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { PartedCodec } from '../../stream/step.ts';
import { ByteReader, ByteWriter, readVersion } from '../bytes.ts';
import { ChangedSlots, readRing, writeRing, type RingForm } from '../ring-parts.ts';
import { RecentValues } from './recent-values.ts';
import { SequenceSet } from './sequence-set.ts';

/** Of a key's own record. 1: with the recent values in it. 2: without; they are parts, and the rest is written closely. */
const versions = [1, 2] as const;

export interface SourceState {
  /** Latest event time that it sent, ms since the epoch; the source that has been silent longest is forgotten first. */
  lastUsed: number;
  readonly seen: SequenceSet;
}

export interface ValidateState {
  /** Latest event time that was accepted, ms since the epoch; −Infinity before the first. */
  latest: number;
  readonly sources: Map<string, SourceState>;
  readonly tags: TagStates;
}

/** By tag, in the definition's order; NaN where nothing is known yet. Times are event times in ms. */
export interface TagStates {
  readonly good: Float64Array;
  readonly goodAt: Float64Array;
  /** The last value that passed the absolute checks, and for how long it has been exactly the same, in ms. */
  readonly seen: Float64Array;
  readonly seenAt: Float64Array;
  readonly sameFor: Float64Array;
  /** A new level that jumps too fast to be believed at once, and how many readings have confirmed it. */
  readonly candidate: Float64Array;
  readonly candidateAt: Float64Array;
  readonly confirmed: Float64Array;
  /** Only for tags with an anomaly check. */
  readonly recent: readonly (RecentValues | undefined)[];
  /** Places in the rings of recent values, taken together, that the changelog does not have yet. */
  readonly changed: ChangedSlots;
}

const arrays = [
  'good',
  'goodAt',
  'seen',
  'seenAt',
  'sameFor',
  'candidate',
  'candidateAt',
  'confirmed',
] as const;

export function createValidateState(definition: ProcessDefinition): ValidateState {
  const { tags } = definition;
  const unknown = (): Float64Array => new Float64Array(tags.length).fill(NaN);
  const changed = new ChangedSlots(Math.max(0, ...tags.map(({ anomaly }) => anomaly?.window ?? 0)));
  return {
    latest: -Infinity,
    sources: new Map(),
    tags: {
      good: unknown(),
      goodAt: unknown(),
      seen: unknown(),
      seenAt: unknown(),
      sameFor: new Float64Array(tags.length),
      candidate: unknown(),
      candidateAt: unknown(),
      confirmed: new Float64Array(tags.length),
      recent: tags.map(({ anomaly }) => anomaly && new RecentValues(anomaly.window, changed)),
      changed,
    },
  };
}

/**
 * The state's changelog form. The key's own record has all but the recent values; of these, the values at one place of
 * all rings are a part. What is known of tags is kept only for the same list of tags: after a change of the definition
 * their past begins anew, while order and duplicates are remembered.
 */
export function validateStateCodec(definition: ProcessDefinition): PartedCodec<ValidateState> {
  const layout = createHash('sha256')
    .update(JSON.stringify(definition.tags.map(({ id, unit, anomaly }) => [id, unit, anomaly?.window ?? 0])))
    .digest()
    .readUInt32LE();
  const ring = recentForm(layout);
  const writer = new ByteWriter();
  return {
    changes(state, put) {
      writer.byte(2);
      writer.double(state.latest);
      writeSources(writer, state);
      writer.uint(layout);
      for (let tag = 0; tag < definition.tags.length; tag++) writeTag(writer, state, tag);
      put('', writer.finish());
      writeRing(ring, state, writer, put);
    },
    restore(parts) {
      const state = createValidateState(definition);
      const own = parts.get('');
      if (own === undefined) throw new Error("the key's own record is missing");
      const obsolete = readRing(ring, state, parts);
      readOwn(new ByteReader(own), state, layout);
      return { state, obsolete };
    },
  };
}

function readOwn(reader: ByteReader, state: ValidateState, layout: number): void {
  const version = readVersion(reader, ...versions);
  state.latest = reader.double();
  readSources(reader, state);
  if (reader.uint() !== layout) return;
  const { tags } = state;
  if (version === 1) {
    for (const name of arrays) reader.doublesInto(tags[name]);
    for (const recent of tags.recent)
      for (let left = recent === undefined ? 0 : reader.uint(); left > 0; left--)
        recent?.push(reader.double());
  } else {
    for (let tag = 0; tag < tags.good.length; tag++) readTag(reader, state, tag);
  }
  reader.end();
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

/** What of a tag is not as it nearly always is: its last good value the last one seen, and of the latest reading. */
const unlike = { good: 1, seenAt: 2, goodAt: 4, sameFor: 8, candidate: 16 } as const;

function writeTag(writer: ByteWriter, { latest, tags }: ValidateState, tag: number): void {
  const seen = tags.seen[tag] ?? NaN;
  const seenAt = tags.seenAt[tag] ?? NaN;
  const good = tags.good[tag] ?? NaN;
  const goodAt = tags.goodAt[tag] ?? NaN;
  const sameFor = tags.sameFor[tag] ?? NaN;
  const confirmed = tags.confirmed[tag] ?? NaN;
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
    writer.double(tags.candidate[tag] ?? NaN);
    writer.double(tags.candidateAt[tag] ?? NaN);
    writer.double(confirmed);
  }
  const recent = tags.recent[tag];
  if (recent === undefined) return;
  writer.uint(recent.count);
  writer.uint(recent.next);
}

function readTag(reader: ByteReader, { latest, tags }: ValidateState, tag: number): void {
  const flags = reader.byte();
  const seen = reader.double();
  tags.seen[tag] = seen;
  tags.good[tag] = flags & unlike.good ? reader.double() : seen;
  const seenAt = flags & unlike.seenAt ? reader.double() : latest;
  tags.seenAt[tag] = seenAt;
  tags.goodAt[tag] = flags & unlike.goodAt ? reader.double() : seenAt;
  if (flags & unlike.sameFor) tags.sameFor[tag] = reader.double();
  if (flags & unlike.candidate)
    for (const name of ['candidate', 'candidateAt', 'confirmed'] as const) tags[name][tag] = reader.double();
  tags.recent[tag]?.resume(reader.uint(), reader.uint());
}

const recentForm = (layout: number): RingForm<ValidateState> => ({
  layout,
  changed: ({ tags }) => tags.changed,
  writeSlot(to, { tags }, place) {
    for (const recent of tags.recent)
      if (recent !== undefined && place < recent.size) to.double(recent.valueAt(place));
  },
  readSlot(from, { tags }, place) {
    for (const recent of tags.recent)
      if (recent !== undefined && place < recent.size) recent.putBack(place, from.double());
  },
  writeAll(to, { tags }) {
    for (const recent of tags.recent)
      for (let place = 0; place < (recent?.size ?? 0); place++) to.double(recent?.valueAt(place) ?? NaN);
  },
  readAll(from, { tags }) {
    for (const recent of tags.recent)
      for (let place = 0; place < (recent?.size ?? 0); place++) recent?.putBack(place, from.double());
  },
});
