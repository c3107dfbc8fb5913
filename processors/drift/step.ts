/** The step drift: compares live rows with the training rows. Reads binned rows; writes one report per hop. */
import { isKnownAsset, isPutBack } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { BinnedRow, DriftReport } from '../../schemas/generated/types.ts';
import { absorbed, drop, type Input, type Outcome, type Output, type Step } from '../../stream/index.ts';
import { binOf, binsOf, type Histogram } from '../reference/histogram.ts';
import { featuresOf, type Reference, type ReferenceOf } from '../reference/reference.ts';
import { createReporter } from './report.ts';
import { createDriftState, type DriftState, type WindowSlice } from './state.ts';

export type DriftInput = Input<'rows', BinnedRow>;
export type DriftOutput = Output<'drift', DriftReport>;
export type DriftStep = Step<DriftInput, DriftOutput, DriftState>;

export function driftStep(definition: ProcessDefinition, referenceOf: ReferenceOf): DriftStep {
  const { window, hop } = definition.drift;
  const report = createReporter(definition, referenceOf);
  const isAsset = (key: string): boolean => isKnownAsset(definition, key);

  return {
    name: 'drift',
    accepts: isAsset,
    create: createDriftState,
    process({ input, key, timestamp }, state): Outcome<DriftOutput> {
      const row = input.value;
      if (key !== row.asset || !isAsset(key)) return drop('UNKNOWN_ASSET');
      if (isPutBack(definition, state.latest, row.eventTime)) state.slices = [];
      else if (row.eventTime <= state.latest) return drop('OUT_OF_ORDER');
      const due = dueAt(state, row);
      const value = due === undefined ? undefined : report(row.asset, state, due);
      if (row.bundle !== state.bundle) state.slices = [];
      state.latest = row.eventTime;
      state.bundle = row.bundle;
      take(sliceFor(state, row, window, hop, referenceOf(row.bundle)), row, referenceOf(row.bundle));
      if (value === undefined) return absorbed;
      return { kind: 'emit', records: [{ to: 'drift', key: row.asset, timestamp, value }] };
    },
  };
}

/**
 * When the window that must be reported before this row ends; undefined when none is due. A window ends with its slice. It
 * ends early when another bundle takes over, because counts over different bins cannot be added.
 */
function dueAt({ slices, bundle, latest }: DriftState, row: BinnedRow): number | undefined {
  const open = slices.at(-1);
  if (open === undefined) return undefined;
  if (row.eventTime > open.end) return open.end;
  return row.bundle === bundle ? undefined : latest;
}

/** Returns the open slice that the row belongs to. Removes slices that have left its window. */
function sliceFor(
  state: DriftState,
  { asset, eventTime }: BinnedRow,
  window: number,
  hop: number,
  reference: Reference | undefined,
): WindowSlice {
  const end = Math.ceil(eventTime / hop) * hop;
  const open = state.slices.at(-1);
  if (open?.end === end) return open;
  const made: WindowSlice = {
    end,
    rows: 0,
    features: new Uint32Array(
      reference === undefined ? 0 : (placesOf(featuresOf(reference, asset)).at(-1) ?? 0),
    ),
    score: new Uint32Array(reference === undefined ? 0 : binsOf(reference.score)),
  };
  state.slices = [...state.slices.filter((slice) => slice.end > end - window), made];
  return made;
}

function take(
  slice: WindowSlice,
  { asset, bins, probability }: BinnedRow,
  reference: Reference | undefined,
): void {
  slice.rows++;
  if (reference === undefined) return;
  const { features, score } = slice;
  const places = placesOf(featuresOf(reference, asset));
  if (bins.length !== places.length - 1) return;
  for (let index = 0; index < bins.length; index++) {
    // A bin number that is too high counts as the last bin, for missing values, and never as a bin of the next feature.
    const at = Math.min((places[index] ?? 0) + (bins[index] ?? 0), (places[index + 1] ?? 0) - 1);
    features[at] = (features[at] ?? 0) + 1;
  }
  const at = binOf(reference.score, probability);
  score[at] = (score[at] ?? 0) + 1;
}

const known = new WeakMap<readonly Histogram[], Uint32Array>();

/** Where each feature's counts begin in a slice; the last entry is where they all end. */
function placesOf(histograms: readonly Histogram[]): Uint32Array {
  let places = known.get(histograms);
  if (places === undefined) {
    places = new Uint32Array(histograms.length + 1);
    for (const [index, histogram] of histograms.entries())
      places[index + 1] = (places[index] ?? 0) + binsOf(histogram);
    known.set(histograms, places);
  }
  return places;
}
