/**
 * The changelog key of one part of a key's state: the key, a unit separator, the name of the part. The part '' has only
 * the key. A separator within a key is doubled, so that a key is never mistaken for a part of another key.
 */
const separator = '\u001f';

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
