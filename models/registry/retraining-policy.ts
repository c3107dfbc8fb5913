/** Whether a challenger is to be trained now, and why: by drift, or by age. Pure. */
import { plainDuration } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';

/** What a report of drift says, as far as it matters here. */
export interface DriftFact {
  readonly asset: string;
  /** End of the window, event time in ms. */
  readonly eventTime: number;
  /** The index that the definition's policy looks at; null where there were too few rows to tell. */
  readonly index: number | null;
  /** Where it is, in plant words. */
  readonly text: string;
}

export interface RetrainingFacts {
  /** By the plant's clock, ms. */
  readonly now: number;
  readonly champion:
    | {
        readonly bundle: string;
        /** Up to when it has learnt, event time in ms. */
        readonly until: number;
      }
    | undefined;
  /** The one that answers beside it, and since when, by the wall clock. */
  readonly challenger: { readonly bundle: string; readonly since: number } | undefined;
  /** By the wall clock, ms. */
  readonly present: number;
  /** Of the champion, in any order. */
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
  if (champion === undefined)
    return wait('there is no champion to be challenged: train and promote one first');
  const since = challenger === undefined ? Infinity : present - challenger.since;
  if (challenger !== undefined && since < retraining.rest)
    return wait(
      `${challenger.bundle} has been challenger for ${plainDuration(round(since))} only, and may be judged for ${plainDuration(retraining.rest)}`,
    );
  const drifted = driftOf(reports, retraining);
  if (drifted !== undefined)
    return { retrain: true, why: `drift: ${drifted}, beside what ${champion.bundle} was trained on` };
  const age = now - champion.until;
  if (age > retraining.after) {
    const learnt = new Date(champion.until).toISOString().slice(0, 16).replace('T', ' ');
    return {
      retrain: true,
      why: `age: ${champion.bundle} has learnt from nothing after ${learnt} UTC, ${plainDuration(round(age))} ago; ${plainDuration(retraining.after)} are allowed`,
    };
  }
  return wait(
    `no asset has had ${retraining.reports} reports of drift in a row above ${retraining.above}, and ${champion.bundle} is younger than ${plainDuration(retraining.after)}`,
  );
}

type Rules = ProcessDefinition['retraining'];

/** The asset that has drifted longest, if one has for long enough. */
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
      text: `${length} reports in a row of ${asset} above ${above}, the last ${index} (${last.text})`,
    };
  }
  return most?.text;
}

const round = (ms: number): number => Math.round(ms / 60_000) * 60_000;
