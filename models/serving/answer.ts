/** Turns the members' probabilities of a row into an answer, which depends on the row and the bundle alone. */
import { percent } from '../../base/text.ts';
import { unavailableAnswer, type Answer } from '../../processors/predict/predictor.ts';
import type { ModelAnswer } from '../../schemas/generated/types.ts';
import { calibrate } from '../blend/calibration.ts';
import { calibrateClasses } from '../blend/class-calibration.ts';
import { blend } from '../blend/ensemble.ts';
import { strongestReasons } from './reasons.ts';
import { boundsOf } from '../blend/interval.ts';
import type { Manifest } from '../bundle/manifest.ts';
import { at } from '../numbers/matrix.ts';
import { saabasValues, shapValues, type ExplainableForest } from '../learners/trees/treeshap.ts';

/** One row, and for each member its raw probability or the reason why it did not answer. */
export interface Opinions {
  /** In the feature set's order; NaN means missing. */
  readonly values: Float64Array;
  readonly completeness: number;
  readonly repaired: number;
  /** In the manifest's order of members. */
  readonly members: readonly Opinion[];
}

/** A raw probability, one for each class, or the reason why there is none. */
export type Opinion = number | string | Float32Array;

/** An answer is DEGRADED when more than this share of its inputs is missing or repaired. */
const thin = 0.25;

/**
 * Computes the calibrated probability of each member, null where it did not answer, and of the ensemble. Where the
 * target has classes, these are of the classes to warn of, and `classes` has the calibrated probabilities of all
 * classes.
 * @param raw in the manifest's order of members
 */
export function consensus(
  manifest: Manifest,
  raw: readonly Opinion[],
): {
  readonly own: readonly (number | null)[];
  readonly probability: number | null;
  readonly classes: Float64Array | null;
} {
  const classes = classesOf(manifest, raw);
  const own = manifest.members.map((member, index) => {
    const said = typeof raw[index] === 'object' ? warned(manifest, classes) : raw[index];
    return typeof said === 'number' && Number.isFinite(said) ? calibrate(member.calibration, said) : null;
  });
  const weights = manifest.members.map(({ weight }) => weight);
  // The members that answered share the weight of the others. The calibration was fitted on all members.
  const blended =
    blend(own, weights) ??
    blend(
      own,
      weights.map(() => 1),
    );
  return { own, probability: blended === null ? null : calibrate(manifest.calibration, blended), classes };
}

/** The calibrated classes of the first member that answered by class. Only one kind of member does. */
function classesOf({ classes }: Manifest, raw: readonly Opinion[]): Float64Array | null {
  const said = raw.find((opinion) => typeof opinion === 'object');
  return classes === undefined || said === undefined ? null : calibrateClasses(classes.calibration, said);
}

const warned = ({ classes }: Manifest, probabilities: Float64Array | null): number | undefined =>
  classes?.warnOf.reduce(
    (sum, name) => sum + (probabilities?.[classes.names.indexOf(name)] ?? Number.NaN),
    0,
  );

/** @param forests explain the answer: one, or one for each class; without them, there are no contributions */
export function answerOf(manifest: Manifest, forests: readonly ExplainableForest[], row: Opinions): Answer {
  const { own, probability, classes } = consensus(manifest, row.members);
  const reasons = manifest.members.flatMap((member, index) => {
    const raw = row.members[index];
    if (own[index] !== null) return [];
    return `${member.name}: ${typeof raw === 'string' ? raw : 'its answer is not a number'}`;
  });
  if (probability === null) return unavailableAnswer(`no model could answer (${reasons.join('; ')})`);

  const lacking = Math.max(1 - row.completeness, row.repaired);
  if (lacking > thin) reasons.push(`${percent(lacking, 0)} of the inputs are missing or repaired`);
  const { lower, upper } = boundsOf(manifest.interval, probability, doubt(manifest, row, lacking));
  const exact = probability >= manifest.threshold.value / 2;
  const inputs = Float32Array.from(row.values);
  // Where there are classes, the reasons are those of the most likely class.
  const forest = forests[classes === null ? 0 : classes.indexOf(Math.max(...classes))];
  return {
    status: reasons.length === 0 ? 'OK' : 'DEGRADED',
    reason: reasons.length === 0 ? null : reasons.join('; '),
    probability,
    lower,
    upper,
    confidence: 1 - (upper - lower),
    models: shares(manifest, own),
    contributions:
      forest === undefined
        ? []
        : strongestReasons(
            manifest.features,
            row.values,
            exact ? shapValues(forest, inputs) : saabasValues(forest, inputs),
          ),
    classes: (manifest.classes?.names ?? []).map((name, kind) => ({
      name,
      probability: classes?.[kind] ?? Number.NaN,
    })),
  };
}

/** The share of the row that the model cannot rely on: missing, repaired, or outside the range in training. */
function doubt(manifest: Manifest, row: Opinions, lacking: number): number {
  const outside = manifest.features.filter(({ seen }, index) => {
    const value = at(row.values, index);
    return seen !== null && (value < seen[0] || value > seen[1]);
  }).length;
  return Math.min(1, Math.max(0, lacking, outside / manifest.features.length));
}

function shares(manifest: Manifest, own: readonly (number | null)[]): ModelAnswer[] {
  const answered = manifest.members.filter((_, index) => own[index] !== null);
  const total = answered.reduce((sum, { weight }) => sum + weight, 0);
  return manifest.members.map(({ name, weight }, index) => {
    const probability = own[index] ?? null;
    if (probability === null) return { name, probability, weight: 0 };
    return { name, probability, weight: total > 0 ? weight / total : 1 / answered.length };
  });
}
