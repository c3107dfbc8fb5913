/** The version of a definition's feature set, and the units that its rows are in. */
import { createHash } from 'node:crypto';
import { listFeatures, sequenceTags } from './features.ts';
import type { ProcessDefinition } from './schema.ts';

/** Raise it when code changes the meaning of a statistic or of the sequence: models must then be trained again. */
const semanticsVersion = 1;

/**
 * Version of the feature set: 12 hex digits over everything that decides what the numbers in a row mean, the units among it.
 * Titles, limits and alert rules are not part of it.
 */
export function featureSetVersion(definition: ProcessDefinition): string {
  const without = versionWithoutUnits(definition);
  return unitsBefore(without, definition) === 'same'
    ? without
    : shortDigest([without, usedUnits(definition)]);
}

/** The version as it was when units were not part of it. */
export function versionWithoutUnits(definition: ProcessDefinition): string {
  const { hop, windows, sequence, baseline } = definition.features;
  const used = new Set(sequenceTags(definition));
  const features = listFeatures(definition);
  for (const feature of features)
    if (feature.kind === 'statistic' && feature.statistic === 'outOfBand') used.add(feature.tag);
  return shortDigest({
    semanticsVersion,
    process: definition.process,
    period: definition.time.period,
    hop,
    windows: Object.entries(windows),
    features: features.map((feature) => [feature.name, feature.kind, 'of' in feature ? feature.of : []]),
    correlations: features.flatMap((feature) =>
      feature.kind === 'correlation' ? [feature.tags, feature.window] : [],
    ),
    required: definition.tags.map((tag) => [tag.id, tag.required]),
    normal: [...used].sort((a, b) => a - b).map((tag) => [tag, definition.tags[tag]?.normal]),
    sequence: sequence === undefined ? null : [sequenceTags(definition), sequence.steps, sequence.every],
    // Left out without a baseline, so that older feature sets keep their version.
    ...(baseline && { baseline: [baseline.halfLife, sequence?.relativeTo] }),
  });
}

/** The units that a row's numbers come from: of each tag that a feature or the sequence uses, in the definition's order. */
export function usedUnits(definition: ProcessDefinition): readonly (readonly [tag: string, unit: string])[] {
  const used = new Set(sequenceTags(definition));
  for (const feature of listFeatures(definition)) {
    if (feature.kind === 'statistic') used.add(feature.tag);
    else if (feature.kind === 'correlation') for (const tag of feature.tags) used.add(tag);
  }
  return definition.tags.flatMap(({ id, unit }, index) => (used.has(index) ? [[id, unit] as const] : []));
}

/**
 * The shipped feature sets and grids of scans that had a name before units were part of it, with the digest of the units that
 * they had then. With these units the name stays, so that their bundles, rows and states stay valid.
 */
const unitsThen: ReadonlyMap<string, string> = new Map([
  // casting: feature set, grid
  ['73b5cf9a76c1', '4a2fae5a3966'],
  ['2849c5527aff', '4a2fae5a3966'],
  // pump-rig
  ['21d6e3511d3b', '393dc0aed821'],
  ['2ef92a924a1a', '393dc0aed821'],
  // steel-plates
  ['eca1891d224b', '58da74fbed58'],
  ['6c85821e682c', '58da74fbed58'],
]);

/** Whether what got this name when units were not part of it has the units of this definition. */
export function unitsBefore(name: string, definition: ProcessDefinition): 'same' | 'other' | 'unknown' {
  const then = unitsThen.get(name);
  if (then === undefined) return 'unknown';
  return then === shortDigest(usedUnits(definition)) ? 'same' : 'other';
}

/** 12 hex digits over a value. */
export const shortDigest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
