/** Mistakes in a process definition, and suggestions for correcting them. */

/** A place in the document: keys and list indexes, as zod reports them. */
export type DocumentPath = readonly (string | number)[];

export interface DefinitionProblem {
  readonly path: DocumentPath;
  readonly message: string;
  /** For an unknown name: the kind of thing it should name. */
  readonly unknown?: NamedThing;
}

export type NamedThing = 'tag' | 'window' | 'feature' | 'class';

/** `tags[2].range` */
export function formatPath(path: DefinitionProblem['path']): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** The Levenshtein distance: the number of letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** ` (did you mean X?)`, or an empty text when no known name is near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const best = nearest(name, known);
  return best === undefined ? '' : ` (did you mean ${best}?)`;
}

/** The nearest known name: a few letters away, or one that begins with this name. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const [given, other] = [name.toLowerCase(), candidate.toLowerCase()];
    const begun = given.length > 2 && other.startsWith(given);
    // The distance is at least the difference of the lengths.
    if (!begun && Math.abs(given.length - other.length) >= least) continue;
    const distance = begun ? Math.min(2, other.length - given.length) : editDistance(given, other);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}
