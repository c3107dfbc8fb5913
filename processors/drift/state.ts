/** What drift remembers for an asset: counts per bin, in slices as long as the window's hop. */
import { textLimits } from '../../base/outside-text.ts';
import { listFeatures } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { noWatermark, type Codec } from '../../stream/index.ts';
import { ByteWriter, versionedReader } from '../bytes.ts';
import { mostBins } from '../reference/histogram.ts';

const version = 1;

/** The rows of one hop of the window, counted by bin. */
export interface WindowSlice {
  /** The end of the hop (inclusive), event time in ms. */
  readonly end: number;
  rows: number;
  /** By feature and bin; empty without a reference. */
  readonly features: Uint32Array;
  /** By bin of the probability. */
  readonly score: Uint32Array;
}

export interface DriftState {
  /** Event time of the last row, ms since the epoch. */
  latest: number;
  /** The bundle whose bins the rows were counted in. */
  bundle: string;
  /** Oldest first; the last one is open. */
  slices: WindowSlice[];
}

export const createDriftState = (): DriftState => ({ latest: noWatermark, bundle: '', slices: [] });

/** The most bytes that the state of an asset has in the changelog. */
export function largestDriftState(definition: ProcessDefinition): number {
  const { window, hop } = definition.drift;
  const counts = 4 + listFeatures(definition).length * mostBins * 4 + 4 + mostBins * 4;
  return 1 + 8 + 4 + textLimits.name + 4 + (window / hop + 1) * (8 + 4 + counts);
}

export function driftStateCodec(): Codec<DriftState> {
  const writer = new ByteWriter();
  const counts = (values: Uint32Array): void => {
    writer.uint(values.length);
    writer.bytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  };
  return {
    encode({ latest, bundle, slices }) {
      writer.byte(version);
      writer.double(latest);
      writer.text(bundle);
      writer.uint(slices.length);
      for (const slice of slices) {
        writer.double(slice.end);
        writer.uint(slice.rows);
        counts(slice.features);
        counts(slice.score);
      }
      return writer.finish();
    },
    decode(bytes) {
      const reader = versionedReader(bytes, version);
      const read = (): Uint32Array => {
        const length = reader.uint();
        // Checked before the memory is allocated.
        if (length * 4 > bytes.length)
          throw new RangeError(`${bytes.length} bytes cannot contain ${length} counts`);
        const values = new Uint32Array(length);
        reader.bytesInto(new Uint8Array(values.buffer));
        return values;
      };
      const state: DriftState = { latest: reader.double(), bundle: reader.text(), slices: [] };
      for (let left = reader.uint(); left > 0; left--)
        state.slices.push({ end: reader.double(), rows: reader.uint(), features: read(), score: read() });
      reader.end();
      return state;
    },
  };
}
