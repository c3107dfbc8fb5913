/** Decides whether to train a challenger now, because of drift or age. Pure. */

import { duration } from '../../base/text.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';

/** The facts of a drift report that the decision needs. */
export interface DriftFact {
  readonly asset: string;
  /** End of the window, event time in ms. */
  readonly eventTime: number;
  /** The drift index that the definition's policy uses; null where there were too few rows. */
  readonly index: number | null;
  /** What has drifted, in plant words. */
  readonly text: string;
}

export interface RetrainingFacts {
  /** The present event time of the plant, ms. */
  readonly now: number;
  readonly champion:
    | {
        readonly bundle: string;
        /** End of its training data, event time in ms. */
        readonly until: number;
      }
    | undefined;
  /** The bundle that answers alongside the champion, and since when, by the wall clock in ms. */
  readonly challenger: { readonly bundle: string; readonly since: number } | undefined;
  /** The present time by the wall clock, ms. */
  readonly present: number;
  /** The drift reports of the champion, in any order. */
  readonly reports: readonly DriftFact[];
}

export interface RetrainingDecision {
  readonly retrain: boolean;
  /** One sentence. */
  readonly why: string;
}

export function decideRetraining(
  { retraining }: ProcessDefinition,
  { now, champion, challenger, present, reports }: RetrainingFacts,
): RetrainingDecision {
  const wait = (why: string): RetrainingDecision => ({ retrain: false, why });
  if (champion === undefined) return wait('there is no champion; train and promote a bundle first');
  const since = challenger === undefined ? Infinity : present - challenger.since;
  if (challenger !== undefined && since < retraining.rest)
    return wait(
      `${challenger.bundle} has been challenger for only ${duration(round(since))}; a challenger is judged for ${duration(retraining.rest)} before another is trained`,
    );
  const drifted = driftOf(reports, retraining);
  if (drifted !== undefined)
    return { retrain: true, why: `drift: ${drifted}, compared with the training data of ${champion.bundle}` };
  const age = now - champion.until;
  if (age > retraining.after) {
    const learnt = new Date(champion.until).toISOString().slice(0, 16).replace('T', ' ');
    return {
      retrain: true,
      why: `age: the training data of ${champion.bundle} ends at ${learnt} UTC, ${duration(round(age))} ago; the limit is ${duration(retraining.after)}`,
    };
  }
  return wait(
    `no asset has ${retraining.reports} consecutive drift reports above ${retraining.above}, and ${champion.bundle} is younger than ${duration(retraining.after)}`,
  );
}

type Rules = ProcessDefinition['retraining'];

/** Describes the asset that has drifted longest; undefined when none has drifted for long enough. */
function driftOf(reports: readonly DriftFact[], { above, reports: needed }: Rules): string | undefined {
  let most: { readonly length: number; readonly text: string } | undefined;
  for (const asset of new Set(reports.map((report) => report.asset))) {
    const own = reports
      .filter((report) => report.asset === asset && report.index !== null)
      .sort((a, b) => b.eventTime - a.eventTime);
    const end = own.findIndex(({ index }) => (index ?? 0) <= above);
    const length = end === -1 ? own.length : end;
    const [last] = own;
    if (last === undefined || length < needed || length <= (most?.length ?? 0)) continue;
    const index = Number((last.index ?? 0).toPrecision(2));
    most = {
      length,
      text: `${length} consecutive reports of ${asset} above ${above}, the last ${index} (${last.text})`,
    };
  }
  return most?.text;
}

const round = (ms: number): number => Math.round(ms / 60_000) * 60_000;
