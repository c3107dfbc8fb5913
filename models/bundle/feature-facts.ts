/**
 * The facts of each feature that a bundle keeps: its title, its usual range, and how much it contributes in the
 * trees.
 */
import { describeFeatures, sequenceTags } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Dataset } from '../data/labelled-dataset.ts';
import type { Manifest, ModelFeature } from './manifest.ts';
import { at, rowOf } from '../numbers/matrix.ts';
import { explainable, saabasValues } from '../learners/trees/treeshap.ts';
import { forestsByClass, type Forest } from '../learners/trees/forest.ts';

/** Describes each feature over the training rows. The usual range is the middle 80 % of the rows without the target. */
export function describeModelFeatures(
  definition: ProcessDefinition,
  { features, featureNames, labels }: Dataset,
  rows: Uint32Array,
): ModelFeature[] {
  const words = describeFeatures(definition);
  const quiet = rows.filter((row) => at(labels, row) === 0);
  return featureNames.map((name, column) => {
    const valuesOf = (some: Uint32Array): Float64Array =>
      Float64Array.from(some, (row) => at(features.data, row * features.columns + column))
        .filter((value) => Number.isFinite(value))
        .sort();
    const [all, usual] = [valuesOf(rows), valuesOf(quiet)];
    return {
      name,
      title: words.get(name)?.title ?? name,
      unit: words.get(name)?.unit ?? '',
      usual: range(usual, 0.1, 0.9),
      seen: range(all, 0, 1),
    };
  });
}

/** The title and unit of each tag of the sequence, and its normal band where the sequence is scaled by the band. */
export function sequenceWords(
  definition: ProcessDefinition,
): NonNullable<NonNullable<Manifest['sequence']>['words']> {
  const isNormal = definition.features.sequence?.relativeTo === 'normal';
  return sequenceTags(definition).map((index) => {
    const tag = definition.tags[index];
    const normal = isNormal && tag !== undefined ? tag.normal : null;
    return { title: tag?.title ?? String(index), unit: tag?.unit ?? '', normal };
  });
}

function range(sorted: Float64Array, low: number, high: number): [number, number] | null {
  if (sorted.length === 0) return null;
  const quantile = (share: number): number => at(sorted, Math.round(share * (sorted.length - 1)));
  return [quantile(low), quantile(high)];
}

const sample = 2000;

/** The mean |contribution| of each feature in log-odds over a sample of rows, strongest first. */
export function strengths(
  forest: Forest,
  features: readonly ModelFeature[],
  dataset: Dataset,
  rows: Uint32Array,
): { title: string; strength: number }[] {
  const explained = forestsByClass(forest).map(explainable);
  const step = Math.max(1, Math.floor(rows.length / sample));
  const some = rows.filter((_, index) => index % step === 0);
  const sums = new Float64Array(features.length);
  for (const row of some) {
    for (const each of explained)
      saabasValues(each, rowOf(dataset.features, row)).forEach((value, column) => {
        sums[column] = at(sums, column) + Math.abs(value) / some.length / explained.length;
      });
  }
  return features
    .map(({ title }, column) => ({ title, strength: at(sums, column) }))
    .sort((a, b) => b.strength - a.strength);
}
