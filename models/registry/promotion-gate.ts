/**
 * The gate that every promotion passes. It lets a bundle become champion only if its figures are numbers, if it is not
 * worse than the baselines and the present champion beyond noise, and if it has seen every tag. A person can force a
 * promotion; the entry then says what the gate refused.
 */
import type { ModelEntry } from '../../schemas/generated/types.ts';
import { CastwatchError } from '../../base/errors.ts';
import { listFeatures } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { readFigures, type CardFigures, type CardScore } from '../bundle/card-figures.ts';
import type { Manifest } from '../bundle/manifest.ts';
import { loadEntry } from '../bundle/places.ts';
import type { Between } from '../judging/bootstrap.ts';

/** A reason why a bundle may not become champion. */
export interface Refusal {
  /** Names the figure, its value, and what it was compared with. */
  readonly what: string;
  readonly remedy: string;
}

type EntryOfBundle = Pick<ModelEntry, 'bundle' | 'checksum' | 'location'>;

/** @returns why the bundle may not replace the champion; empty when it may */
export type PromotionGate = (
  bundle: EntryOfBundle,
  champion: EntryOfBundle | undefined,
) => readonly Refusal[];

/** @param root the folder of all bundles */
export const promotionGate =
  (definition: ProcessDefinition, root: string): PromotionGate =>
  (bundle, champion) => {
    const { folder, manifest } = loadEntry(bundle, root);
    const old = champion && servedStill(champion, root);
    return refusalsOf(definition, manifest, readFigures(folder), old);
  };

/** Undefined when the champion's files are gone: then there is nothing to compare with. */
function servedStill(champion: EntryOfBundle, root: string): ChampionFigures | undefined {
  try {
    const { folder } = loadEntry(champion, root);
    return { bundle: champion.bundle, ...readFigures(folder) };
  } catch (error) {
    if (error instanceof CastwatchError && error.code === 'MODEL') return undefined;
    throw error;
  }
}

export interface ChampionFigures extends CardFigures {
  readonly bundle: string;
}

export const refusalsOf = (
  definition: ProcessDefinition,
  manifest: Pick<Manifest, 'members' | 'features'>,
  figures: CardFigures,
  champion?: ChampionFigures,
): readonly Refusal[] => [
  ...notNumbers(figures),
  ...missingTags(definition, manifest),
  ...worseThanBaselines(manifest, figures),
  ...(champion === undefined ? [] : worseThanChampion(figures, champion)),
];

interface Measured {
  readonly title: string;
  readonly value: (score: CardScore) => number;
  readonly between: (score: CardScore) => Between;
  /** 1: more is better; −1: less is better. */
  readonly sign: number;
}

const rocAuc: Measured = {
  title: 'ROC-AUC',
  value: (score) => score.rocAuc,
  between: (score) => score.between.rocAuc,
  sign: 1,
};
const prAuc: Measured = {
  title: 'PR-AUC',
  value: (score) => score.prAuc,
  between: (score) => score.between.prAuc,
  sign: 1,
};
const cost: Measured = {
  title: 'cost of a row',
  value: (score) => score.warning.cost,
  between: (score) => score.between.cost,
  sign: -1,
};

function notNumbers({ ensemble, rows, positives, isHeldOut }: CardFigures): readonly Refusal[] {
  const named = {
    'ROC-AUC': ensemble.rocAuc,
    'PR-AUC': ensemble.prAuc,
    'Brier score': ensemble.brier,
    'log loss': ensemble.logLoss,
    'cost of a row': ensemble.warning.cost,
  };
  const bad = Object.entries(named).flatMap(([name, value]) => (Number.isFinite(value) ? [] : [name]));
  if (bad.length === 0) return [];
  const where = `${positives} of the ${rows} ${isHeldOut ? 'held-out' : 'cross-validated'} rows have the target`;
  return [
    {
      what: `${bad.join(', ')}: not a number, because ${where}`,
      remedy: 'Train on a longer history, with and without the target also in its last quarter.',
    },
  ];
}

function missingTags(
  definition: ProcessDefinition,
  { features }: Pick<Manifest, 'features'>,
): readonly Refusal[] {
  const seen = new Map(features.map(({ name, seen: range }) => [name, range !== null]));
  const isSeen = new Map<number, boolean>();
  for (const feature of listFeatures(definition)) {
    const known = seen.get(feature.name);
    if (feature.kind === 'statistic' && known !== undefined)
      isSeen.set(feature.tag, known || (isSeen.get(feature.tag) ?? false));
  }
  const missing = definition.tags.flatMap(({ id }, index) => (isSeen.get(index) === false ? [id] : []));
  if (missing.length === 0) return [];
  return [
    {
      what: `no training row has a value of ${missing.join(', ')}`,
      remedy:
        'Correct the names of the tags in the history or in the definition, or remove the tags from the definition; then train again.',
    },
  ];
}

function worseThanBaselines(
  { members }: Pick<Manifest, 'members'>,
  { ensemble, others }: CardFigures,
): readonly Refusal[] {
  const own = new Set<string>(members.map(({ name }) => name));
  return others
    .filter(({ name }) => !own.has(name))
    .flatMap((baseline) =>
      worse([rocAuc, prAuc, cost], ensemble, baseline, `the baseline "${baseline.name}"`).map((what) => ({
        what,
        remedy: 'Train on a longer history, or give the models features that contain the cause.',
      })),
    );
}

/**
 * The cards are about the same rows only if both bundles learnt from the same data set. Otherwise only ROC-AUC is
 * compared, because it does not depend on how frequent the target is.
 */
function worseThanChampion(figures: CardFigures, champion: ChampionFigures): readonly Refusal[] {
  const isSame = (['data', 'rows', 'positives'] as const).every((key) => figures[key] === champion[key]);
  const measured = isSame ? [rocAuc, prAuc, cost] : [rocAuc];
  return worse(measured, figures.ensemble, champion.ensemble, `the champion ${champion.bundle}`).map(
    (what) => ({
      what,
      remedy:
        'Make it shadow with `castwatch models shadow`, and compare both on the same rows with `castwatch models compare`.',
    }),
  );
}

function worse(
  measured: readonly Measured[],
  mine: CardScore,
  theirs: CardScore,
  whose: string,
): readonly string[] {
  return measured.flatMap((measure) => {
    const { title, value, sign } = measure;
    // False for NaN too: `notNumbers` has refused a NaN of ours, and a NaN of theirs says nothing.
    const isWorse = sign * (value(mine) - value(theirs)) < -noise(measure, mine, theirs);
    return isWorse
      ? [`${title} ${shown(measure, mine)} is worse than ${shown(measure, theirs)} of ${whose}`]
      : [];
  });
}

/** Half of the middle 90 % of the difference, as if both were independent. Zero where no range is known. */
function noise({ between }: Measured, ...scores: readonly CardScore[]): number {
  const halves = scores.map((score) => {
    const range = between(score);
    return range === null ? 0 : (range[1] - range[0]) / 2;
  });
  return Math.hypot(...halves);
}

function shown({ value, between }: Measured, score: CardScore): string {
  const range = between(score);
  const span = range === null ? '' : ` (${range[0].toFixed(3)} to ${range[1].toFixed(3)})`;
  return `${value(score).toFixed(3)}${span}`;
}

/** A person's decision to promote. */
export interface PromotionDecision {
  readonly by: string;
  readonly why: string;
  /** Promote although the gate refuses. */
  readonly force?: boolean;
}

/**
 * @returns the decision to write down: a forced one also says what the gate refused
 * @throws CastwatchError MODEL when the gate refuses and the decision is not forced
 */
export function passGate(
  bundle: string,
  refusals: readonly Refusal[],
  { by, why, force = false }: PromotionDecision,
): { readonly by: string; readonly why: string } {
  if (refusals.length === 0) return { by, why };
  const reasons = refusals.map(({ what }) => what).join('; ');
  if (force) return { by, why: `${why} (forced although ${reasons})` };
  const remedies = [...new Set(refusals.map(({ remedy }) => remedy))].join(' ');
  throw new CastwatchError('MODEL', `${bundle} may not become champion: ${reasons}`, {
    remedy: `${remedies} To promote it all the same: --force --why 'REASON'.`,
  });
}
