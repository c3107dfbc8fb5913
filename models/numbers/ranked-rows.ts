/** Orders rows by score once, so that each weighting of them (a bootstrap draw) takes only one pass to judge. */
import { ascending, at } from './matrix.ts';

export interface Ranked {
  /** Rows, highest score first. */
  readonly order: Uint32Array;
  /** 1 at each index of `order` where the next score is lower: rows with equal scores count as one step. */
  readonly last: Uint8Array;
  /** 0 or 1 for each row. */
  readonly labels: Uint8Array;
}

/** False-alarm rates at which the recall is read. */
export const alarmRates = [0.01, 0.05] as const;

export interface Areas {
  readonly rocAuc: number;
  readonly prAuc: number;
  /** For each of {@link alarmRates}: the highest recall of a threshold with at most this rate of false alarms. */
  readonly recallAt: readonly number[];
}

export function rankRows(scores: ArrayLike<number>, labels: ArrayLike<number>): Ranked {
  const order = ascending(scores).reverse();
  const last = Uint8Array.from(order, (row, place) => {
    const next = order[place + 1];
    return next === undefined || at(scores, next) < at(scores, row) ? 1 : 0;
  });
  return { order, last, labels: Uint8Array.from(labels) };
}

/**
 * ROC-AUC (Mann and Whitney, ties count half), average precision, and recall at fixed false-alarm rates.
 * NaN where one class is absent. Without weights each row counts once.
 * @param weightOf the weight of each group
 * @param group the group of each row
 */
export function areas(ranked: Ranked, weightOf?: ArrayLike<number>, group?: ArrayLike<number>): Areas {
  const { order, last, labels } = ranked;
  const weigh = (row: number): number =>
    weightOf === undefined || group === undefined ? 1 : (weightOf[group[row] ?? 0] ?? 0);
  let [positives, negatives] = [0, 0];
  for (let row = 0; row < labels.length; row += 1) {
    if (labels[row] === 1) positives += weigh(row);
    else negatives += weigh(row);
  }
  const recallAt = alarmRates.map(() => 0);
  let [hits, alarms, hitsBefore, alarmsBefore, ordered, precision] = [0, 0, 0, 0, 0, 0];
  for (let place = 0; place < order.length; place += 1) {
    const row = order[place] ?? 0;
    if (labels[row] === 1) hits += weigh(row);
    else alarms += weigh(row);
    if (last[place] === 0) continue;
    const entered = hits - hitsBefore;
    ordered += (alarms - alarmsBefore) * (hitsBefore + entered / 2);
    if (entered > 0) precision += (entered * hits) / (hits + alarms);
    for (let i = 0; i < alarmRates.length; i += 1)
      if (alarms <= (alarmRates[i] ?? 0) * negatives) recallAt[i] = hits / positives;
    hitsBefore = hits;
    alarmsBefore = alarms;
  }
  const known = positives > 0 && negatives > 0;
  return {
    rocAuc: ordered / (positives * negatives),
    prAuc: precision / positives,
    recallAt: known ? recallAt : recallAt.map(() => Number.NaN),
  };
}

/** A point of a plot. */
export type Point = readonly [x: number, y: number];

export interface Curves {
  /** x: false alarm rate, y: recall. */
  readonly roc: readonly Point[];
  /** x: recall, y: precision. */
  readonly pr: readonly Point[];
}

const mostPoints = 80;

/** The curves for plots, thinned to about {@link mostPoints} points. */
export function curvesOf({ order, last, labels }: Ranked): Curves {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const negatives = labels.length - positives;
  const roc: Point[] = [[0, 0]];
  const pr: Point[] = [];
  let [hits, alarms] = [0, 0];
  const far = ([x, y]: Point, [lastX, lastY]: Point = [-1, -1]): boolean =>
    Math.abs(x - lastX) + Math.abs(y - lastY) >= 2 / mostPoints;
  order.forEach((row, place) => {
    if (labels[row] === 1) hits += 1;
    else alarms += 1;
    if (last[place] === 0) return;
    const end = place === order.length - 1;
    const point: Point = [round(alarms / negatives), round(hits / positives)];
    if (end || far(point, roc.at(-1))) roc.push(point);
    const precision: Point = [round(hits / positives), round(hits / (hits + alarms))];
    if (end || far(precision, pr.at(-1))) pr.push(precision);
  });
  return { roc, pr };
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
