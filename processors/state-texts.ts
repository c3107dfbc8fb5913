/** A table of texts in a state. Texts recur, so each is written once and referred to by its index. */
import type { ByteReader, ByteWriter } from './bytes.ts';

export class StateTexts {
  readonly #places = new Map<string, number>();

  place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    this.#places.set(text, this.#places.size);
    return this.#places.size - 1;
  }

  write(writer: ByteWriter): void {
    writer.uint(this.#places.size);
    for (const text of this.#places.keys()) writer.text(text);
  }
}

/** Reads a table. @returns what reads a reference to one of its texts */
export function readTexts(reader: ByteReader): () => string {
  const texts: string[] = [];
  for (let left = reader.uint(); left > 0; left--) texts.push(reader.text());
  return () => {
    const place = reader.uint();
    const found = texts[place];
    if (found === undefined)
      throw new RangeError(`the state refers to text ${place}, but contains ${texts.length} texts`);
    return found;
  };
}
