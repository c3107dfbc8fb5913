/** What a run did and did not do, in one sentence and as an exit status. */
import type { ScenarioResult } from './scenario.ts';

export const fates = ['passed', 'failed', 'cut short', 'not injected', 'skipped'] as const;
/**
 * `cut short`: good so far, but the time was over before all of its rounds. `not injected`: the time was over before it
 * began. `skipped`: this machine cannot provide the fault.
 */
export type Fate = (typeof fates)[number];

export function fateOf({
  verdict,
  passed,
  isCut,
}: Pick<ScenarioResult, 'verdict' | 'passed' | 'isCut'>): Fate {
  if (verdict === 'skipped' || verdict === 'not injected') return verdict;
  if (!passed) return 'failed';
  return isCut ? 'cut short' : 'passed';
}

/** `1 of 14 passed; 1 cut short: drain; 12 not injected: scale, zombie, …` */
export function tally(results: readonly ScenarioResult[]): string {
  const passed = named(results, 'passed').length;
  const others = fates
    .filter((fate) => fate !== 'passed')
    .flatMap((fate) => {
      const names = named(results, fate);
      return names.length === 0 ? [] : [`${names.length} ${fate}: ${names.join(', ')}`];
    });
  return [`${passed} of ${results.length} passed`, ...others].join('; ');
}

/** 0: every fault that this machine can provide passed. 1: one failed. 2: none failed, but not all were injected in full. */
export function exitStatus(results: readonly ScenarioResult[]): 0 | 1 | 2 {
  const has = (fate: Fate): boolean => named(results, fate).length > 0;
  if (has('failed')) return 1;
  return has('cut short') || has('not injected') || !has('passed') ? 2 : 0;
}

const named = (results: readonly ScenarioResult[], fate: Fate): readonly string[] =>
  results.filter((result) => fateOf(result) === fate).flatMap(({ faults }) => faults);
