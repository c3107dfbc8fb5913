/** The figures of a bundle that commands show: those of the rows that it was not trained on. */
import { CastwatchError } from '../../../base/errors.ts';
import { readFigures } from '../../../models/bundle/card-figures.ts';

interface ShownFigures {
  readonly rows: number;
  readonly positives: number;
  readonly rocAuc: number;
  readonly prAuc: number;
  readonly cost: number;
}

/** @returns null where the card is missing or invalid */
export function figuresIn(folder: string): ShownFigures | null {
  try {
    const { rows, positives, ensemble } = readFigures(folder);
    const { rocAuc, prAuc, warning } = ensemble;
    return { rows, positives, rocAuc, prAuc, cost: warning.cost };
  } catch (error) {
    if (error instanceof CastwatchError && error.code === 'MODEL') return null;
    throw error;
  }
}

export function figuresText(figures: ShownFigures | null): string {
  if (figures === null) return 'no figures: card.json is missing or invalid';
  const { rows, positives, rocAuc, prAuc, cost } = figures;
  return `ROC-AUC ${figure(rocAuc)}, PR-AUC ${figure(prAuc)}, cost of a row ${figure(cost)} on ${rows} rows that it was not trained on, ${positives} with the target`;
}

const figure = (value: number): string => (Number.isNaN(value) ? 'is not a number' : value.toFixed(3));
