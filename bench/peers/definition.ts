/** Writes the parts of the process definition that validation and features need, as JSON for programs in other languages. */
import { longestWindow } from '../../processors/features/scans.ts';
import { featureSetVersion } from '../../processes/feature-set.ts';
import { listFeatures, sequenceTags, type Feature } from '../../processes/features.ts';
import { leapOf } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';

/** Times are in ms, `slots` in periods. Definition.java and definition.py read this shape. */
export function definitionForPeers(definition: ProcessDefinition): unknown {
  const { hierarchy, cells, time, features, piece, tags } = definition;
  const { sequence } = features;
  const slots = (window: string): number => (features.windows[window] ?? 0) / time.period;
  const plain = (feature: Feature): unknown => {
    if (feature.kind === 'statistic')
      return {
        kind: 'statistic',
        of: [feature.tag],
        statistic: feature.statistic,
        slots: slots(feature.window),
      };
    if (feature.kind === 'correlation')
      return { kind: 'correlation', of: feature.tags, slots: slots(feature.window) };
    return { kind: feature.kind, of: feature.of, slots: 0 };
  };
  return {
    process: definition.process,
    linePath: [hierarchy.enterprise, hierarchy.site, hierarchy.area, hierarchy.line].join('/'),
    cells: cells === 'any' ? [] : cells,
    ...{ period: time.period, grace: time.grace, ahead: time.ahead, hop: features.hop },
    leap: leapOf(definition),
    tags: tags.map(
      ({ id, title, unit, range, normal, rate, sentinels, stuckAfter, required, hold, anomaly }) => ({
        ...{ id, title, unit, range, normal, sentinels, required, hold },
        ...{ rate: rate ?? null, stuckAfter: stuckAfter ?? null, anomaly: anomaly ?? null },
      }),
    ),
    featureSet: featureSetVersion(definition),
    longestWindow: longestWindow(definition),
    features: listFeatures(definition).map(plain),
    sequence:
      sequence === undefined
        ? null
        : { tags: sequenceTags(definition), steps: sequence.steps, every: sequence.every },
    levels: piece?.levels ?? [],
    properties: piece?.properties ?? [],
  };
}
