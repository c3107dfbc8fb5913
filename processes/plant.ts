/** Answers questions about a process definition: which assets it has, and what its features are called on the plant. */
import { duration } from '../base/text.ts';
import { listFeatures, type Feature } from './features.ts';
import type { ProcessDefinition, Statistic } from './schema.ts';

export { featureSetVersion } from './feature-set.ts';
export { featureNames, listFeatures, longestLook, sequenceTags } from './features.ts';

/** The parts of an ISA-95 path. */
export interface Asset {
  readonly enterprise: string;
  readonly site: string;
  readonly area: string;
  readonly line: string;
  readonly cell: string;
}

/** Built once per definition, because the asset of every reading is compared with it. */
const linePaths = new WeakMap<ProcessDefinition['hierarchy'], string>();

function linePath({ hierarchy }: ProcessDefinition): string {
  let path = linePaths.get(hierarchy);
  if (path === undefined) {
    const { enterprise, site, area, line } = hierarchy;
    path = `${enterprise}/${site}/${area}/${line}`;
    linePaths.set(hierarchy, path);
  }
  return path;
}

/** `enterprise/site/area/line/cell`: the key of every record about the cell. */
export const assetPath = (definition: ProcessDefinition, cell: string): string =>
  `${linePath(definition)}/${cell}`;

/** Every asset that the definition names; none when its cells are `any`. */
export const assetPaths = (definition: ProcessDefinition): readonly string[] =>
  definition.cells === 'any' ? [] : definition.cells.map((cell) => assetPath(definition, cell));

/** The five parts of an asset path, or undefined when the text is not an asset path. */
export function parseAsset(path: string): Asset | undefined {
  const [enterprise, site, area, line, cell, ...rest] = path.split('/');
  if (!enterprise || !site || !area || !line || !cell || rest.length > 0) return undefined;
  return { enterprise, site, area, line, cell };
}

/** A set per definition, because every reading is checked and there may be ten thousand assets. */
const knownPaths = new WeakMap<ProcessDefinition, ReadonlySet<string>>();

/** Whether the path is a cell of this definition's line. */
export function isKnownAsset(definition: ProcessDefinition, path: string): boolean {
  if (definition.cells === 'any') {
    const line = `${linePath(definition)}/`;
    const cell = path.startsWith(line) ? path.slice(line.length) : '';
    return cell !== '' && !cell.includes('/') && cell.length <= 100;
  }
  let known = knownPaths.get(definition);
  if (known === undefined) {
    known = new Set(assetPaths(definition));
    knownPaths.set(definition, known);
  }
  return known.has(path);
}

const leastLeap = 3_600_000;

/** How far a reading may be ahead of its asset's latest before it is doubted, ms. */
export const leapOf = ({ time }: ProcessDefinition): number =>
  time.leap ?? Math.max(leastLeap, 100 * time.period);

/**
 * Whether a row, or what follows from rows, is so far behind the latest of its asset that the asset's clock has been put back.
 * Rows come in the order of time, so a row that is only a little behind is a repeat.
 */
export const isPutBack = (definition: ProcessDefinition, latest: number, eventTime: number): boolean =>
  eventTime < latest - leapOf(definition);

/** The same plant with other cells, for example with more strands. */
export const withCells = (definition: ProcessDefinition, cells: readonly string[]): ProcessDefinition => ({
  ...definition,
  cells: [...cells],
});

export interface FeatureDescription {
  /** In the words of the plant: "mould level spread over 60 s". */
  readonly title: string;
  readonly unit: string;
  /** Tag id, if the feature is about one tag. */
  readonly tag?: string;
  readonly statistic: Statistic | 'interaction';
  /** Name of the window, if the feature has one. */
  readonly window?: string;
}

const words: Readonly<Record<Statistic, string>> = {
  last: 'latest value within',
  mean: 'average over',
  spread: 'spread over',
  slope: 'trend over',
  min: 'lowest in',
  max: 'highest in',
  range: 'range over',
  outOfBand: 'time outside its normal band in',
  missing: 'share of missing values in',
  deviation: 'average against its baseline over',
  spreadRatio: 'spread against its baseline over',
};

const statisticUnit = (statistic: Statistic, unit: string): string => {
  if (statistic === 'slope') return `${unit}/s`;
  if (statistic === 'outOfBand') return 's';
  if (statistic === 'deviation') return '× usual spread';
  return statistic === 'missing' || statistic === 'spreadRatio' ? '' : unit;
};

function describe(definition: ProcessDefinition, feature: Feature): FeatureDescription {
  if (feature.kind === 'statistic') {
    const tag = definition.tags[feature.tag];
    const { statistic, window } = feature;
    const ms = definition.features.windows[window] ?? 0;
    const plain = tag?.title ?? feature.name;
    return {
      // in a window of one period, the last value is the value itself
      title:
        statistic === 'last' && ms === definition.time.period
          ? plain
          : `${plain} ${words[statistic]} ${duration(ms)}`,
      unit: statisticUnit(statistic, tag?.unit ?? ''),
      ...(tag && { tag: tag.id }),
      statistic,
      window,
    };
  }
  const interaction = definition.features.interactions.find(({ id }) => id === feature.name);
  return {
    title: interaction?.title ?? feature.name,
    unit: interaction?.unit ?? '',
    statistic: 'interaction',
    ...(interaction?.window !== undefined && { window: interaction.window }),
  };
}

/** Describes every feature in the words of the plant, by name and in the order of the rows. */
export const describeFeatures = (definition: ProcessDefinition): ReadonlyMap<string, FeatureDescription> =>
  new Map(listFeatures(definition).map((feature) => [feature.name, describe(definition, feature)]));

/** Describes one feature in the words of the plant; undefined when the definition has no such feature. */
export function describeFeature(definition: ProcessDefinition, name: string): FeatureDescription | undefined {
  const feature = listFeatures(definition).find((each) => each.name === name);
  return feature && describe(definition, feature);
}
