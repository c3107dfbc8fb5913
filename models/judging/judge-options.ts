/** The rules and assumptions that contests are judged by. Training and evaluation use the same. */
import type { Cost } from '../blend/threshold.ts';
import { longestLook } from '../../processes/features.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';

/**
 * Gives the true probability of the target for the row of an asset that ends at `time`. Only generated data has one.
 */
export type TrueProbability = (asset: string, time: number) => number | undefined;

/** When a contender warns, and what its errors cost. */
export interface Ruling {
  /** The probability from which it warns. */
  readonly threshold: number;
  readonly cost: Cost;
}

export interface JudgeOptions extends Ruling {
  /** With generated data: the judgement then contains the best attainable figures. */
  readonly truth?: TrueProbability | undefined;
  /** The seed of the bootstrap. */
  readonly seed: number;
  /** Length of the time span that a row is about, ms. */
  readonly hop: number;
  /** How far a row looks back, ms. A warning up to this long before an episode still counts for it. */
  readonly look: number;
}

/** Adds the options that follow from the process definition. */
export function judgeOptions(
  definition: ProcessDefinition,
  decided: Pick<JudgeOptions, 'threshold' | 'truth' | 'seed'>,
): JudgeOptions {
  const { features, target } = definition;
  return { ...decided, cost: target.cost, hop: features.hop, look: longestLook(definition) };
}
