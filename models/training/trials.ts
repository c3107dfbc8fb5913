/** Keeps the trials of a search, one line of JSON each. A search appends them, and reads them when it continues. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

export const trialSchema = z.strictObject({
  /** Hash of everything that the trials of a search share: data set, member, seed, effort and plan. */
  search: z.string(),
  member: z.enum(['xgboost', 'lstm']),
  /** Index of the trial. Trial 0 has the settings from before the search. */
  number: z.int(),
  settings: z.record(z.string(), z.number()),
  /** The number of rounds or epochs that was best. */
  size: z.int(),
  /** The PR-AUC of each fold that was run. */
  folds: z.array(z.number()),
  /** Mean over the folds. */
  score: z.number(),
  /** Stopped after some folds, because half of the earlier trials were better by then. */
  pruned: z.boolean(),
  seconds: z.number(),
});

export type Trial = z.infer<typeof trialSchema>;

export function appendTrial(file: string, trial: Trial): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(trial)}\n`);
}

/** Reads the trials of a search. It ignores an incomplete last line; that trial is run again. */
export function readTrials(file: string, search: string): Trial[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line): Trial[] => {
      const parsed = trialSchema.safeParse(parseLine(line));
      return parsed.success && parsed.data.search === search ? [parsed.data] : [];
    });
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
