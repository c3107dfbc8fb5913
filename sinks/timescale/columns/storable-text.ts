/**
 * Makes any text one that PostgreSQL can store. Texts are settled where they come in (`base/outside-text.ts`), but a record may
 * be older than that rule, or come from an older state. One text must not keep a row, and each row of its piece, out of the
 * tables.
 */

const nul = '\0';
const replacement = '\ufffd';

/** NUL and halves of surrogate pairs become U+FFFD. */
export const storableText = (text: string): string =>
  text.includes(nul) || !text.isWellFormed() ? text.replaceAll(nul, replacement).toWellFormed() : text;
