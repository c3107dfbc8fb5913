/** The trials of a search, one line of JSON each: appended as they end, read back when a search goes on. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

export const trialSchema = z.strictObject({
  /** Hash of what all trials of a search share: data set, member, seed, effort. Others are another search's. */
  search: z.string(),
  member: z.enum(['xgboost', 'lstm']),
  /** From 0, which is the settings that training had before. */
  number: z.int(),
  settings: z.record(z.string(), z.number()),
  /** Rounds or epochs that did best. */
  size: z.int(),
  /** PR-AUC of each fold that was tried. */
  folds: z.array(z.number()),
  /** Mean over the folds. */
  score: z.number(),
  /** Given up after some folds, since half of the earlier trials were better by then. */
  pruned: z.boolean(),
  seconds: z.number(),
});

export type Trial = z.infer<typeof trialSchema>;

export function appendTrial(file: string, trial: Trial): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(trial)}\n`);
}

/** A last line that a break cut off is left out; its trial is made again. */
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
