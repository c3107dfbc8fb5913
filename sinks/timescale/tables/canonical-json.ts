/** JSON in one form, so that a stored value and an expected one compare as text. */

/**
 * JSON with sorted keys, as jsonb keeps no order. What JSON cannot say (NaN, infinities) becomes null; the Avro
 * record on the topic keeps it.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isPlainObject(part) ? Object.fromEntries(Object.entries(part).sort(byName)) : part,
  );
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);
