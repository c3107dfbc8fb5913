/** Says in plain words what zod has found wrong. */
import type { z } from 'zod';
import { nearest } from './definition-problem.ts';

export interface Explained {
  readonly message: string;
  /** The value that was probably meant. */
  readonly guess?: string;
}

/** @param value the value in the document */
export function explain(issue: z.core.$ZodIssue, value: unknown): Explained {
  if (value === undefined) return { message: 'is missing' };
  const words = wordsOf(issue);
  if (words.length === 0) return { message: issue.message };
  const guess = typeof value === 'string' ? nearest(value, words) : undefined;
  const wanted = [...othersOf(issue), ...words].join(', ');
  const hint = guess === undefined ? '' : ` (did you mean ${guess}?)`;
  const message = `${JSON.stringify(value)} is not one of: ${wanted}${hint}`;
  return guess === undefined ? { message } : { message, guess };
}

/** The words that are allowed there. */
function wordsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.filter((word) => typeof word === 'string');
  if (issue.code !== 'invalid_union') return [];
  if (issue.errors.length > 0) return issue.errors.flat().flatMap(wordsOf);
  return 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
}

/** The other kinds of value that are allowed there. */
function othersOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code !== 'invalid_union') return [];
  return issue.errors.flat().flatMap((each) => {
    if (each.code !== 'invalid_type' || each.path.length > 0) return [];
    return [each.expected === 'array' ? 'a list' : `a ${each.expected}`];
  });
}
