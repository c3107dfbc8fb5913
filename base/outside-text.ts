/**
 * The texts that may come in, by every way: REST, Avro on the input topics, files and the source tail.
 *
 * PLCs hand out strings of fixed length, padded with NUL. The padding is cut, and counted. Every other text that the
 * database could not store, or that is not what was sent, is refused: NUL inside a text, half a surrogate pair, U+FFFD in
 * place of bytes that were no text, and a text that is too long.
 */

/** The longest texts, in bytes of UTF-8. A row's key, made of an asset and several names, fits an index of PostgreSQL. */
export const textLimits = {
  asset: 512,
  /** Names: a source, a tag, a piece, a level, a property. */
  name: 256,
  /** The value of a property. */
  fact: 4_096,
} as const;

const nul = '\0';

/** Cuts the NULs at the end. */
export function withoutPadding(text: string): string {
  if (!text.endsWith(nul)) return text;
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
  return text.slice(0, end);
}

/** Returns why a text is refused, as the end of a sentence; undefined when it is not. */
export function textFault(text: string, limit: number): string | undefined {
  if (text.includes(nul)) return 'contains NUL (U+0000), and not only at its end';
  if (!text.isWellFormed()) return 'contains half a surrogate pair';
  if (text.includes('\ufffd')) return 'contains U+FFFD, which stands for bytes that were not UTF-8';
  // A UTF-16 unit takes three bytes at most.
  if (text.length * 3 <= limit) return undefined;
  const bytes = Buffer.byteLength(text);
  return bytes <= limit ? undefined : `has ${bytes} bytes in UTF-8; ${limit} are allowed`;
}

/** No form of input is nested deeper. What lies deeper is refused for its form. */
const deepest = 4;

export interface Unpadded {
  readonly json: unknown;
  /** Number of texts whose padding was cut. */
  readonly padded: number;
}

/** Cuts the padding of all texts in a JSON value, and of its fields' names. Returns the value itself when there is none. */
export function unpadded(json: unknown): Unpadded {
  let padded = 0;
  const text = (given: string): string => {
    const cut = withoutPadding(given);
    if (cut !== given) padded++;
    return cut;
  };
  const walk = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return text(value);
    if (typeof value !== 'object' || value === null || depth > deepest) return value;
    const before = padded;
    const cut = Array.isArray(value)
      ? value.map((item: unknown) => walk(item, depth + 1))
      : Object.fromEntries(
          Object.entries(value).map(([name, part]: [string, unknown]) => [text(name), walk(part, depth + 1)]),
        );
    return padded === before ? value : cut;
  };
  return { json: walk(json, 0), padded };
}
