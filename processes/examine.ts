/**
 * Finds all mistakes of a definition in one go. A value of the wrong shape is reported and replaced by a placeholder. The
 * names and spans in the rest are then checked too, except those that depend on the placeholder.
 */
import type { z } from 'zod';
import { checkDefinition } from './check.ts';
import { nearest, type DocumentPath, type DefinitionProblem } from './definition-problem.ts';
import { processDefinition, type ProcessDefinition } from './schema.ts';
import { explain } from './explain.ts';
import { knownKeys, put, rename, standIn, valueAt } from './stand-in.ts';

export type Examined =
  | { readonly definition: ProcessDefinition; readonly problems?: undefined }
  | { readonly problems: readonly DefinitionProblem[] };

type Issue = z.core.$ZodIssue;

/** Placeholders may lack parts of their own: each pass fills one more level. */
const passes = 6;

export function examine(raw: unknown): Examined {
  const tree: unknown = structuredClone(raw);
  const problems: DefinitionProblem[] = [];
  const doubtful: DocumentPath[] = [];
  const renamed: Misspelt[] = [];
  const asWritten = (all: readonly DefinitionProblem[]): DefinitionProblem[] =>
    all.map((problem) => ({ ...problem, path: writtenPath(problem.path, renamed) }));
  for (let pass = 0; pass < passes; pass++) {
    const parsed = processDefinition.safeParse(tree);
    if (parsed.success) {
      const crossed = checkDefinition(parsed.data).filter((each) => !dependsOn(each, doubtful));
      const all = asWritten([...problems, ...crossed]);
      return all.length === 0 ? { definition: parsed.data } : { problems: all };
    }
    const known = [...doubtful];
    const report = (path: DocumentPath, message: string): void => {
      if (!known.some((part) => begins(path, part))) problems.push({ path, message });
    };
    const issues = parsed.error.issues.flatMap((issue) => flatten(issue, []));
    const keys = issues.flatMap((issue) => misspelt(issue, tree));
    const values = issues
      .filter(({ code }) => code !== 'unrecognized_keys')
      .map((issue) => ({ path: pathOf(issue), ...explain(issue, valueAt(tree, pathOf(issue))) }))
      .filter(({ path }) => !keys.some(({ at, meant }) => meant !== undefined && same(path, [...at, meant])));
    for (const { at, key, meant } of keys) {
      const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
      report([...at, key], `is not a known field here${hint}`);
      rename(tree, at, key, meant);
    }
    for (const { path, message, guess } of values) {
      report(path, message);
      put(tree, path, guess ?? standIn(tree, path));
      if (guess === undefined) doubtful.push(path);
    }
    renamed.push(...keys);
    // no other part refers to the simulation; the simulator checks its names
    if (doubtful.some(([section]) => section === 'simulation')) put(tree, ['simulation'], undefined);
  }
  return { problems: asWritten(problems) };
}

/** The path with the keys as they are written in the document. */
const writtenPath = (path: DocumentPath, renamed: readonly Misspelt[]): DocumentPath =>
  renamed.reduce(
    (written, { at, key, meant }) =>
      meant !== undefined && begins(path, [...at, meant]) ? written.with(at.length, key) : written,
    [...path],
  );

const pathOf = (issue: Issue): DocumentPath => issue.path.filter((part) => typeof part !== 'symbol');
const begins = (path: DocumentPath, start: DocumentPath): boolean =>
  start.every((part, place) => path[place] === part);
const same = (a: DocumentPath, b: DocumentPath): boolean => a.length === b.length && begins(a, b);

/** For a choice between shapes: the mistakes in the shape that fits best, or the choice itself if none fits. */
function flatten(issue: Issue, parent: DocumentPath): Issue[] {
  const path = [...parent, ...pathOf(issue)];
  if (issue.code !== 'invalid_union') return [{ ...issue, path }];
  const deeper = issue.errors.find(
    (branch) => branch.length > 0 && branch.every((each) => each.path.length > 0),
  );
  return deeper === undefined ? [{ ...issue, path }] : deeper.flatMap((each) => flatten(each, path));
}

interface Misspelt {
  readonly at: DocumentPath;
  readonly key: string;
  /** The known key that was probably meant and is missing. */
  readonly meant: string | undefined;
}

function misspelt(issue: Issue, tree: unknown): Misspelt[] {
  if (issue.code !== 'unrecognized_keys') return [];
  const at = pathOf(issue);
  const present = Object.keys(valueAt(tree, at) ?? {});
  const free = new Set(knownKeys(tree, at).filter((key) => !present.includes(key)));
  return issue.keys.map((key) => {
    const meant = nearest(key, free);
    if (meant !== undefined) free.delete(meant);
    return { at, key, meant };
  });
}

/** Whether the problem may only follow from a placeholder. */
function dependsOn({ path, unknown }: DefinitionProblem, doubtful: readonly DocumentPath[]): boolean {
  return doubtful.some((part) => {
    if (begins(path, part) || begins(part, path)) return true;
    const [section, second, third, fourth] = part;
    // a tag's limits are compared with each other
    if (section === 'tags' && path[0] === 'tags' && path[1] === second && path[2] !== 'id') return true;
    if (unknown === undefined) return false;
    const tags = section === 'tags' && (third === undefined || third === 'id');
    const windows = section === 'features' && second === 'windows' && third === undefined;
    if (unknown === 'tag') return tags;
    if (unknown === 'window') return windows;
    const rules = section === 'features' && second === 'rules';
    const interactions =
      section === 'features' && second === 'interactions' && (fourth === undefined || fourth === 'id');
    return tags || windows || rules || interactions;
  });
}
