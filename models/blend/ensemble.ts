/**
 * Blends several models' probabilities: a weighted mean of their log-odds. Each model is calibrated first, so a
 * member that cannot answer may be left out.
 */
import { at, logit, sigmoid } from '../numbers/matrix.ts';
import { calibrate, fitPlatt } from './calibration.ts';
import { logLoss } from '../numbers/score-metrics.ts';

/**
 * Computes σ(Σ wᵢ·logit pᵢ ÷ Σ wᵢ) over the members that answered; null when no member with a weight did.
 * @param probabilities one for each member, null where it did not answer
 */
export function blend(probabilities: readonly (number | null)[], weights: readonly number[]): number | null {
  let [sum, total] = [0, 0];
  probabilities.forEach((probability, member) => {
    if (probability === null) return;
    const weight = at(weights, member);
    sum += weight * logit(probability);
    total += weight;
  });
  return total > 0 ? sigmoid(sum / total) : null;
}

/** Weights are multiples of 1/20; the data cannot distinguish finer ones. */
const stepsOfWeight = 20;

/**
 * Finds the weights with the lowest log loss after Platt's calibration of the blend. Each member alone is among the
 * candidates, so a useless member gets weight 0.
 * @param members for each member, its probability of each row, from models that did not see the row
 */
export function fitWeights(members: readonly ArrayLike<number>[], labels: ArrayLike<number>): number[] {
  let best = { weights: members.map(() => 1 / members.length), loss: Number.POSITIVE_INFINITY };
  for (const parts of compositions(stepsOfWeight, members.length)) {
    const weights = parts.map((part) => part / stepsOfWeight);
    const blended = blendAll(members, weights);
    const platt = fitPlatt(blended, labels);
    const loss = logLoss(
      blended.map((score) => calibrate(platt, score)),
      labels,
    );
    if (loss < best.loss) best = { weights, loss };
  }
  return best.weights;
}

export function blendAll(members: readonly ArrayLike<number>[], weights: readonly number[]): Float64Array {
  const rows = members[0]?.length ?? 0;
  return Float64Array.from({ length: rows }, (_, row) => {
    const probabilities = members.map((member) => at(member, row));
    return blend(probabilities, weights) ?? Number.NaN;
  });
}

/** All ways to write `total` as an ordered sum of `parts` integers ≥ 0. */
function compositions(total: number, parts: number): number[][] {
  if (parts <= 1) return [[total]];
  return Array.from({ length: total + 1 }, (_, first) =>
    compositions(total - first, parts - 1).map((rest) => [first, ...rest]),
  ).flat();
}
