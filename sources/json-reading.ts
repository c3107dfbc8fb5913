/**
 * Checks a reading in JSON, for POST /v1/readings and for sources of lines. The schema checks its form; the process
 * definition checks its asset and its tags.
 */
import { isKnownAsset } from '../processes/plant.ts';
import { reservedSource } from '../processors/validate/clock.ts';
import { didYouMean } from '../processes/definition-problem.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import type { SensorReading } from '../schemas/generated/types.ts';
import { parseReading, type Problem, type Result } from '../schemas/json.ts';

export interface ReadingProblem extends Problem {
  /** The part that is wrong, so that each caller can give its own remedy. */
  readonly about: 'form' | 'asset' | 'tag';
}

export type CheckedReading =
  | { readonly ok: true; readonly value: SensorReading; readonly padded?: number }
  | { readonly ok: false; readonly problems: readonly ReadingProblem[] };

/** Number of unknown names that may still get a suggestion. Each suggestion compares a name with all known ones. */
export interface Suggestions {
  left: number;
}

/** Enough to see the mistake. */
export const fewSuggestions = (): Suggestions => ({ left: 10 });

/** @returns a function that checks a parsed JSON value and gives the reading, or all that is wrong with it */
export function readingChecker(
  definition: ProcessDefinition,
): (json: unknown, suggestions?: Suggestions) => CheckedReading {
  const tags = new Set(definition.tags.map(({ id }) => id));
  return (json, suggestions = fewSuggestions()) => {
    const parsed: Result<SensorReading> = parseReading(json);
    if (!parsed.ok)
      return { ok: false, problems: parsed.problems.map((one) => ({ ...one, about: 'form' as const })) };
    const problems = [
      ...checkSource(parsed.value),
      ...checkAsset(definition, parsed.value.asset),
      ...checkTags(tags, parsed.value, suggestions),
    ];
    return problems.length === 0 ? parsed : { ok: false, problems };
  };
}

function checkSource({ source }: SensorReading): readonly ReadingProblem[] {
  if (!source.startsWith(reservedSource)) return [];
  const message = `names that begin with ${reservedSource} are Castwatch’s own`;
  return [{ about: 'form', path: 'source', message }];
}

export function checkAsset(definition: ProcessDefinition, asset: string): readonly ReadingProblem[] {
  if (isKnownAsset(definition, asset)) return [];
  const message = `${asset} is not an asset of process ${definition.process}`;
  return [{ about: 'asset', path: 'asset', message }];
}

function checkTags(
  tags: ReadonlySet<string>,
  reading: SensorReading,
  suggestions: Suggestions,
): readonly ReadingProblem[] {
  return reading.measurements.flatMap(({ tag }, at) => {
    if (tags.has(tag)) return [];
    const suggestion = suggestions.left > 0 ? didYouMean(tag, tags) : '';
    suggestions.left--;
    const message = `${tag} is not a tag of this process${suggestion}`;
    return [{ about: 'tag' as const, path: `measurements[${at}].tag`, message }];
  });
}
