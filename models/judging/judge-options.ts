/** By what rules and on what assumptions a contest is judged. Training and evaluation judge by the same ones. */
import type { Cost } from '../blend/threshold.ts';
import { longestLook } from '../../processes/features.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';

/** The true probability of the target for the row of an asset that ends at `time`, on generated data. */
export type TrueProbability = (asset: string, time: number) => number | undefined;

/** When a contender warns, and what its errors cost. */
export interface Ruling {
  /** The probability from which it warns. */
  readonly threshold: number;
  readonly cost: Cost;
}

export interface JudgeOptions extends Ruling {
  /** Of generated data: the best attainable figures are then part of the judgement. */
  readonly truth?: TrueProbability | undefined;
  /** Of the bootstrap. */
  readonly seed: number;
  /** Length of the span that a row judges, ms. */
  readonly hop: number;
  /** How far a row looks back, ms. A warning that long before an episode still counts for it. */
  readonly look: number;
}

/** Completes what the caller decides by what follows from the definition. */
export function judgeOptions(
  definition: ProcessDefinition,
  decided: Pick<JudgeOptions, 'threshold' | 'truth' | 'seed'>,
): JudgeOptions {
  const { features, target } = definition;
  return { ...decided, cost: target.cost, hop: features.hop, look: longestLook(definition) };
}
