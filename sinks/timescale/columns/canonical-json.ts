/** Writes JSON in one form, so that stored and expected values can be compared as text. */

import { storableText } from './storable-text.ts';

/**
 * Writes JSON with sorted keys, because jsonb does not keep their order. NaN and infinities become null, because JSON does
 * not have them; the Avro record on the topic keeps them.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'string') return storableText(part);
    if (!isPlainObject(part)) return part;
    return Object.fromEntries(
      Object.entries(part)
        .map(([name, inner]): [string, unknown] => [storableText(name), inner])
        .sort(byName),
    );
  });
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);
