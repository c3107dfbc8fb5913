/**
 * Combines the members' raw probabilities into a calibrated one. It is fitted on predictions of rows that no member
 * saw.
 */
import { calibrate, fitCalibration, fitPlatt, type Calibration } from './calibration.ts';
import { blendAll, fitWeights } from './ensemble.ts';
import { at } from '../numbers/matrix.ts';

export interface Combiner {
  /** The calibration of each member. */
  readonly own: readonly Calibration[];
  readonly weights: readonly number[];
  /** The calibration of the blend. */
  readonly calibration: Calibration;
}

/**
 * @param members for each member, its raw probability of each row
 * @param group the group of each row; the calibration method is chosen by cross-validation over groups
 */
export function fitCombiner(
  members: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  group: ArrayLike<number>,
): Combiner {
  const own = members.map((member) => fitPlatt(member, labels));
  const calibrated = calibrateEach(members, own);
  const weights = fitWeights(calibrated, labels);
  return { own, weights, calibration: fitCalibration(blendAll(calibrated, weights), labels, group) };
}

/** The calibrated probability of each row. */
export function combine(
  { own, weights, calibration }: Combiner,
  members: readonly ArrayLike<number>[],
): Float64Array {
  return blendAll(calibrateEach(members, own), weights).map((score) => calibrate(calibration, score));
}

/** The calibrated probabilities of each member. */
export function calibrateEach(
  members: readonly ArrayLike<number>[],
  own: readonly Calibration[],
): Float64Array[] {
  return members.map((member, index) => {
    const calibration = own[index];
    return Float64Array.from({ length: member.length }, (_, row) =>
      calibration === undefined ? Number.NaN : calibrate(calibration, at(member, row)),
    );
  });
}
