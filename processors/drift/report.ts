/** Makes a report from counts: an index for each feature and for the score, or the reason why there is none. */
import { duration } from '../../base/text.ts';
import { describeFeatures, featureSetVersion } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { DriftReport } from '../../schemas/generated/types.ts';
import { binsOf, filledBinsOf } from '../reference/histogram.ts';
import { indexByChance, stabilityIndex } from './stability-index.ts';
import { featuresOf, type Reference, type ReferenceOf } from '../reference/reference.ts';
import type { DriftState, WindowSlice } from './state.ts';
import { movedText, type Named } from './words.ts';

/** The most places of drift that a report describes in words. */
const mostDescribed = 8;

/** @param end of the window, event time in ms */
type Reporter = (asset: string, state: DriftState, end: number) => DriftReport;

export function createReporter(definition: ProcessDefinition, referenceOf: ReferenceOf): Reporter {
  const { window, warnAbove } = definition.drift;
  const words = [...describeFeatures(definition)];
  const look = lookBack(definition);
  const featureSet = featureSetVersion(definition);

  return (asset, { bundle, slices }, end) => {
    const reference = referenceOf(bundle);
    const histograms = reference === undefined ? [] : featuresOf(reference, asset);
    const from = (slices.at(-1)?.end ?? end) - window;
    const rows = slices.reduce((sum, slice) => sum + slice.rows, 0);
    const independent = (rows * definition.features.hop) / look;
    const bins = Math.max(...histograms.map(filledBinsOf), 2);
    const chance = indexByChance(independent, bins);
    const report = { asset, eventTime: end, from, bundle, featureSet, rows, chance };
    const nothing = { score: null, worst: null, drifted: 0, psi: [], strongest: [] };
    if (reference?.features.length !== words.length)
      return {
        ...report,
        ...nothing,
        status: 'NO_REFERENCE',
        reason: noReference(bundle, reference, words.length),
      };
    if (chance > warnAbove / 2) {
      const needed = Math.ceil((((bins - 1) * 2) / warnAbove) * (look / definition.features.hop));
      const reason = `the window has ${rows} rows, each of which looks back ${duration(look)}; it needs ${needed} to distinguish an index of ${warnAbove} from chance`;
      return { ...report, ...nothing, status: 'TOO_FEW_ROWS', reason };
    }
    const named = words.map(([feature, { title, unit }], index) => ({
      feature,
      title,
      unit,
      histogram: histograms[index] ?? reference.score,
    }));
    const score = {
      feature: 'probability',
      title: `probability of ${definition.target.title}`,
      unit: '%',
      histogram: reference.score,
    };
    const measured = measure(named, sumOf(slices, 'features'));
    const scored = measure([score], sumOf(slices, 'score'));
    const psi = measured.map((each) => each.psi);
    return {
      ...report,
      status: 'OK',
      reason: null,
      score: scored[0]?.psi ?? null,
      worst: Math.max(...psi),
      drifted: psi.filter((index) => index > warnAbove).length,
      psi,
      strongest: [...scored, ...measured].sort((a, b) => b.psi - a.psi).slice(0, mostDescribed),
    };
  };
}

/** How far one row looks back, in ms. Rows that are closer together share scans, so they are not independent. */
export const lookBack = ({ features }: ProcessDefinition): number =>
  Math.max(features.hop, ...Object.values(features.windows));

const noReference = (bundle: string, reference: Reference | undefined, features: number): string =>
  reference === undefined
    ? `bundle ${bundle} has no reference to compare with; train it again`
    : `the reference of bundle ${bundle} has ${reference.features.length} features, but rows have ${features}`;

function sumOf(slices: readonly WindowSlice[], part: 'features' | 'score'): Uint32Array {
  const sum = new Uint32Array(slices[0]?.[part].length ?? 0);
  for (const slice of slices)
    for (let index = 0; index < sum.length; index++)
      sum[index] = (sum[index] ?? 0) + (slice[part][index] ?? 0);
  return sum;
}

function measure(
  named: readonly (Named & { readonly feature: string })[],
  counts: Uint32Array,
): DriftReport['strongest'][number][] {
  let base = 0;
  return named.map((each) => {
    const own = counts.subarray(base, (base += binsOf(each.histogram)));
    let most = { bin: 0, adds: -Infinity, share: 0 };
    const psi = stabilityIndex(own, each.histogram, (bin, adds, share) => {
      if (adds > most.adds) most = { bin, adds, share };
    });
    return { feature: each.feature, psi, text: movedText(each, most.bin, most.share) };
  });
}
