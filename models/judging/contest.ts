/** The probabilities of all contenders for the same rows: the ensemble, its members and the baselines. */
import { calibrateEach, combine, type Combiner } from '../blend/combiner.ts';
import type { Dataset } from '../data/labelled-dataset.ts';
import { naiveBaselines } from './naive-baselines.ts';

/** The probabilities of each contender, in the order of `rows`. */
export interface Contest {
  readonly rows: Uint32Array;
  readonly ensemble: Float64Array;
  readonly members: readonly { readonly name: string; readonly probabilities: Float64Array }[];
  readonly baselines: readonly { readonly name: string; readonly probabilities: Float64Array }[];
}

/**
 * Combines the members' raw probabilities of `rows`, and fits the baselines on `train`.
 * @param raw for each member, its raw probability of each of `rows`
 */
export function contest(
  dataset: Dataset,
  combiner: Combiner,
  names: readonly string[],
  raw: readonly ArrayLike<number>[],
  train: Uint32Array,
  rows: Uint32Array,
): Contest {
  const own = calibrateEach(raw, combiner.own);
  return {
    rows,
    ensemble: combine(combiner, raw),
    members: names.map((name, index) => ({ name, probabilities: own[index] ?? new Float64Array() })),
    baselines: naiveBaselines(dataset, train, rows),
  };
}

export function joinContests(a: Contest, b: Contest): Contest {
  const both = (x: Float64Array, y: Float64Array = new Float64Array()): Float64Array => {
    const joined = new Float64Array(x.length + y.length);
    joined.set(x);
    joined.set(y, x.length);
    return joined;
  };
  return {
    rows: Uint32Array.from([...a.rows, ...b.rows]),
    ensemble: both(a.ensemble, b.ensemble),
    members: a.members.map(({ name, probabilities }, i) => ({
      name,
      probabilities: both(probabilities, b.members[i]?.probabilities),
    })),
    baselines: a.baselines.map(({ name, probabilities }, i) => ({
      name,
      probabilities: both(probabilities, b.baselines[i]?.probabilities),
    })),
  };
}
