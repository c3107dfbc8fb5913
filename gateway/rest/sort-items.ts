/** Sorts the items of a request into those that can be written to Kafka and the problems of the others. */
import { fewSuggestions, type Suggestions } from '../../sources/json-reading.ts';
import { fairShare } from './fair-share.ts';
import { ItemProblems } from './item-problems.ts';
import type { ProblemError } from './problem-details.ts';

/** Largest item as it is written to Kafka, bytes. A broker accepts 1 MiB; the difference is for key, headers and framing. */
export const mostItemBytes = 1_000_000;
/** Values of an item in JSON, nested ones included. The largest item that its schema allows has fewer. */
export const mostItemValues = 25_000;
/** Fields of one object in an item. */
export const mostFields = 1_000;

export type CheckedItem<T> =
  | { readonly ok: true; readonly value: T; readonly padded?: number }
  | { readonly ok: false; readonly problems: readonly ProblemError[] };

/** How one kind of item is read and written. */
export interface ItemForm<T> {
  readonly parse: (json: unknown, suggestions: Suggestions) => CheckedItem<T>;
  readonly encode: (value: T) => Buffer;
}

export interface TakenItem<T> {
  readonly index: number;
  readonly value: T;
  readonly bytes: Buffer;
}

export interface Sorted<T> {
  readonly taken: readonly TakenItem<T>[];
  readonly problems: ItemProblems;
  /** Number of texts whose padding was cut. */
  readonly padded: number;
}

/**
 * Checks and encodes every item, and lets other requests have their turn in between.
 * @param alone the item came without an array, so that its problems need no index
 */
export async function sortItems<T>(
  form: ItemForm<T>,
  items: readonly unknown[],
  alone: boolean,
): Promise<Sorted<T>> {
  const taken: TakenItem<T>[] = [];
  const problems = new ItemProblems();
  const suggestions = fewSuggestions();
  const share = fairShare();
  let padded = 0;
  for (const [index, item] of items.entries()) {
    await share();
    const found = sortItem(form, item, suggestions);
    if (found.ok) {
      taken.push({ index, value: found.value, bytes: found.bytes });
      padded += found.padded ?? 0;
    } else problems.add(found.problems.map((one) => ({ ...(alone ? {} : { index }), ...one })));
  }
  return { taken, problems, padded };
}

function sortItem<T>({ parse, encode }: ItemForm<T>, item: unknown, suggestions: Suggestions) {
  if (isHuge(item))
    return refused(`has more than ${mostItemValues} values, or more than ${mostFields} fields in one object`);
  const parsed = parse(item, suggestions);
  if (!parsed.ok) return parsed;
  const bytes = encode(parsed.value);
  if (bytes.length <= mostItemBytes) return { ...parsed, bytes };
  return refused(`takes ${bytes.length} bytes on Kafka; an item may take ${mostItemBytes}`);
}

const refused = (message: string) => ({
  ok: false as const,
  problems: [{ path: '', message, remedy: 'Send less in one item. Sending it again does not help.' }],
});

/** Counts only as far as it must. A validator would walk the whole of a huge item. */
function isHuge(json: unknown): boolean {
  const open: unknown[] = [json];
  let count = 0;
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    const parts: readonly unknown[] = Object.values(value);
    count += parts.length;
    if (count > mostItemValues || (parts.length > mostFields && !Array.isArray(value))) return true;
    open.push(...parts);
  }
  return false;
}
