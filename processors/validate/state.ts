/** What validate remembers of an asset. */
import { createHash } from 'node:crypto';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Codec } from '../../stream/step.ts';
import { ByteWriter, versionedReader } from '../bytes.ts';
import { RecentValues } from './recent-values.ts';
import { SequenceSet } from './sequence-set.ts';

const version = 1;

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
      recent: tags.map(({ anomaly }) => anomaly && new RecentValues(anomaly.window)),
    },
  };
}

/**
 * The state's changelog form. What is known of tags is kept only for the same list of tags: after a change of
 * the definition their past begins anew, while order and duplicates are remembered.
 */
export function validateStateCodec(definition: ProcessDefinition): Codec<ValidateState> {
  const layout = createHash('sha256')
    .update(JSON.stringify(definition.tags.map(({ id, unit, anomaly }) => [id, unit, anomaly?.window ?? 0])))
    .digest()
    .readUInt32LE();
  const writer = new ByteWriter();
  return {
    encode(state) {
      writer.byte(version);
      writer.double(state.latest);
      writer.uint(state.sources.size);
      for (const [name, { lastUsed, seen }] of state.sources) {
        writer.text(name);
        writer.double(lastUsed);
        seen.write(writer);
      }
      writer.uint(layout);
      for (const name of arrays) writer.doubles(state.tags[name]);
      for (const recent of state.tags.recent) recent?.write(writer);
      return writer.finish();
    },
    decode(bytes) {
      const reader = versionedReader(bytes, version);
      const state = createValidateState(definition);
      state.latest = reader.double();
      for (let left = reader.uint(); left > 0; left--) {
        const name = reader.text();
        const lastUsed = reader.double();
        state.sources.set(name, { lastUsed, seen: SequenceSet.read(reader) });
      }
      if (reader.uint() !== layout) return state;
      for (const name of arrays) reader.doublesInto(state.tags[name]);
      for (const recent of state.tags.recent) recent?.read(reader);
      reader.end();
      return state;
    },
  };
}
