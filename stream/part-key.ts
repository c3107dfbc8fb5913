/**
 * The changelog key of a part of a key's state: the key, a unit separator, the part's name. The part '' has the key
 * alone. A separator within a key is doubled, so that no key can be taken for a part of another.
 */
const separator = '\u001f';

/** @param part without a separator in it */
export function partKey(key: string, part: string): string {
  const plain = key.includes(separator) ? key.replaceAll(separator, separator + separator) : key;
  return part === '' ? plain : plain + separator + part;
}

/** The key and the part. */
export function splitPartKey(recordKey: string): readonly [string, string] {
  let at = recordKey.indexOf(separator);
  if (at < 0) return [recordKey, ''];
  while (at >= 0 && recordKey[at + 1] === separator) at = recordKey.indexOf(separator, at + 2);
  const [key, part] = at < 0 ? [recordKey, ''] : [recordKey.slice(0, at), recordKey.slice(at + 1)];
  return [key.replaceAll(separator + separator, separator), part];
}
