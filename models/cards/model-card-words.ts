/** The sentences of a model card. Its text and its page share them. */
import { percent } from '../../base/text.ts';
import type { ModelCard } from './model-card.ts';
import { number } from './number-text.ts';

export const calibrationText = (card: ModelCard): string =>
  `Calibration: ${card.calibration}. Warns from ${number(card.threshold.value)} on, since a miss costs ${card.threshold.miss} and a false alarm ${card.threshold.falseAlarm}. The interval is stated at ${percent(card.interval.coverage)} and measured at ${percent(card.interval.measured)}, fitted on half of the groups and checked on the other half.`;

export const madeWith = ({ versions }: ModelCard): string =>
  `Made with ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.`;

/** Says which features were dropped, and why. */
export function selectionText({ selection }: ModelCard): string[] {
  if (selection === undefined) return [];
  const { features, folds, dropped } = selection;
  const names = dropped.map(({ feature, folds: times }) => `${feature} (${times})`);
  return [
    `Of ${features} features, ${dropped.length} were kept from the trees: within the training rows alone, a forest gained under 0.4 of an even share from each, and did no worse on groups that it had not seen when the feature was shuffled.${names.length === 0 ? '' : ` In brackets, in how many of the ${folds} folds the same was found: ${names.join(', ')}.`}`,
  ];
}

/** Names the members without weight, and the reason. */
export const weightless = ({ members }: ModelCard): string[] =>
  members
    .filter(({ weight }) => weight === 0)
    .map(
      ({ name }) =>
        `${name} has no weight: on rows that no member had seen, every blend with it had a higher log loss than the rest alone. It is asked and shown all the same, and speaks when the rest cannot.`,
    );

/** Lists the leaks, or says that there is none. */
export function leakLines({ leaks }: ModelCard): string[] {
  if (leaks === undefined) return [];
  if (leaks.said.length > 0) return leaks.said.map((text) => `Leak check: ${text}`);
  const best =
    leaks.best === null
      ? ''
      : `; the best, ${leaks.best.name}, has a ROC-AUC of ${number(leaks.best.rocAuc)}`;
  return [`Leak check: no feature alone tells the target${best}.`];
}

export const settingsText = (settings: Readonly<Record<string, number>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
