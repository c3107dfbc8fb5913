/** Lists the features of a definition, one by one, in the order of the values in a row. */
import type { ProcessDefinition, Statistic } from './schema.ts';

export interface StatisticFeature {
  readonly kind: 'statistic';
  readonly name: string;
  /** Index into the definition's tags. */
  readonly tag: number;
  readonly statistic: Statistic;
  readonly window: string;
}

export interface CombinedFeature {
  readonly kind: 'product' | 'ratio' | 'difference';
  readonly name: string;
  /** Indexes of two features that come before this one. */
  readonly of: readonly [number, number];
}

export interface CorrelationFeature {
  readonly kind: 'correlation';
  readonly name: string;
  /** Indexes into the definition's tags. */
  readonly tags: readonly [number, number];
  readonly window: string;
}

export type Feature = StatisticFeature | CombinedFeature | CorrelationFeature;

/** `tag.statistic.window` */
export const statisticName = (tag: string, statistic: Statistic, window: string): string =>
  `${tag}.${statistic}.${window}`;

/** Statistics in the order of the rules (rule, tag, window, statistic), then the interactions. */
export function listFeatures(definition: ProcessDefinition): readonly Feature[] {
  const tagIndex = new Map(definition.tags.map((tag, index) => [tag.id, index]));
  const features: Feature[] = [];
  for (const rule of definition.features.rules) {
    const tags = rule.tags === '*' ? [...tagIndex.keys()] : rule.tags;
    for (const id of tags)
      for (const window of rule.windows)
        for (const statistic of rule.statistics) {
          const tag = tagIndex.get(id);
          if (tag === undefined) continue; // an unknown tag, which check.ts reports
          features.push({
            kind: 'statistic',
            name: statisticName(id, statistic, window),
            tag,
            statistic,
            window,
          });
        }
  }
  const featureIndex = new Map(features.map((feature, index) => [feature.name, index]));
  for (const { id, operation, of, window } of definition.features.interactions) {
    const index = operation === 'correlation' ? tagIndex : featureIndex;
    const [first, second] = [index.get(of[0]), index.get(of[1])];
    if (first === undefined || second === undefined) continue; // unknown too
    if (operation === 'correlation') {
      features.push({ kind: 'correlation', name: id, tags: [first, second], window: window ?? '' });
    } else {
      features.push({ kind: operation, name: id, of: [first, second] });
    }
    featureIndex.set(id, features.length - 1);
  }
  return features;
}

/** The names of the features in the order of a row's `values`. */
export const featureNames = (definition: ProcessDefinition): readonly string[] =>
  listFeatures(definition).map((feature) => feature.name);

/** Tag indexes of the sequence's channels, in order; empty when the definition has no sequence. */
export function sequenceTags(definition: ProcessDefinition): readonly number[] {
  const { sequence } = definition.features;
  if (sequence === undefined) return [];
  const all = definition.tags.map((tag) => tag.id);
  return sequence.tags === '*' ? all.map((_, index) => index) : sequence.tags.map((id) => all.indexOf(id));
}

/** How far back a row looks, ms: the longest window or the sequence, whichever is longer. */
export function longestLook({ features }: ProcessDefinition): number {
  const { sequence, windows } = features;
  return Math.max(sequence ? sequence.steps * sequence.every : 0, ...Object.values(windows));
}
