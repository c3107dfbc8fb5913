/**
 * The changelog key of one part of a key's state: the key, a unit separator, the name of the part. The part '' has only
 * the key. A separator within a key is doubled, so that a key is never mistaken for a part of another key.
 *
 * A part that is too large for one record is written in pieces. The name of a piece is the part's name, a record separator
 * and the index of the piece.
 */
const separator = '\u001f';
const pieceSeparator = '\u001e';

/** @param part must contain no separator */
export function partKey(key: string, part: string): string {
  const plain = key.includes(separator) ? key.replaceAll(separator, separator + separator) : key;
  return part === '' ? plain : plain + separator + part;
}

/** Returns the key and the part. */
export function splitPartKey(recordKey: string): readonly [string, string] {
  let at = recordKey.indexOf(separator);
  if (at < 0) return [recordKey, ''];
  while (at >= 0 && recordKey[at + 1] === separator) at = recordKey.indexOf(separator, at + 2);
  const [key, part] = at < 0 ? [recordKey, ''] : [recordKey.slice(0, at), recordKey.slice(at + 1)];
  return [key.replaceAll(separator + separator, separator), part];
}

/** The name of one piece of a part. */
export const pieceName = (part: string, index: number): string => part + pieceSeparator + String(index);

/** Returns the part and the index of the piece; the index is undefined for a part that was written as one record. */
export function splitPieceName(name: string): readonly [string, number | undefined] {
  const at = name.lastIndexOf(pieceSeparator);
  return at < 0 ? [name, undefined] : [name.slice(0, at), Number(name.slice(at + 1))];
}
