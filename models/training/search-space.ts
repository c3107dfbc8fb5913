/** The settings that a search may change, with their ranges. A point in the unit cube stands for one choice. */
import type { LstmSettings } from '../learners/lstm/lstm-member.ts';
import type { XgboostSettings } from '../learners/xgboost/xgboost-member.ts';

export interface SearchDimension<Name extends string> {
  readonly name: Name;
  readonly from: number;
  readonly to: number;
  /** Whether equal steps are equal ratios instead of equal differences. */
  readonly log?: boolean;
  readonly isInteger?: boolean;
}

export const xgboostSpace: readonly SearchDimension<keyof XgboostSettings>[] = [
  { name: 'maxDepth', from: 2, to: 7, isInteger: true },
  { name: 'eta', from: 0.02, to: 0.15, log: true },
  { name: 'subsample', from: 0.4, to: 1 },
  { name: 'colsampleByTree', from: 0.08, to: 0.6, log: true },
  { name: 'lambda', from: 0.5, to: 30, log: true },
  { name: 'gamma', from: 0, to: 2 },
  { name: 'rowsPerLeaf', from: 20, to: 800, log: true },
];

export const lstmSpace: readonly SearchDimension<keyof LstmSettings>[] = [
  { name: 'hidden', from: 12, to: 48, log: true, isInteger: true },
  { name: 'rate', from: 5e-4, to: 8e-3, log: true },
  { name: 'weightDecay', from: 1e-4, to: 0.1, log: true },
  { name: 'blankShare', from: 0, to: 0.4 },
  { name: 'negativesPerPositive', from: 1, to: 8, log: true },
];

/** @param point one number in 0 … 1 for each dimension */
export function settingsAt<Name extends string>(
  space: readonly SearchDimension<Name>[],
  point: readonly number[],
): Partial<Record<Name, number>> {
  const entries = space.map(({ name, from, to, log, isInteger }, index) => {
    const share = Math.max(0, Math.min(1, point[index] ?? 0));
    const value = log ? from * (to / from) ** share : from + (to - from) * share;
    // Four digits are enough for a card.
    return [name, isInteger ? Math.round(value) : Number(value.toPrecision(4))] as const;
  });
  return Object.fromEntries(entries) as Partial<Record<Name, number>>;
}

/** The point of settings in the unit cube. A setting outside its range is moved to the end of the range. */
export const pointOf = <Name extends string>(
  space: readonly SearchDimension<Name>[],
  settings: Readonly<Partial<Record<Name, number>>>,
): number[] =>
  space.map(({ name, from, to, log }) => {
    const value = Math.max(from, Math.min(to, settings[name] ?? from));
    return log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
  });
