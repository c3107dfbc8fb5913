/** Finds the commands in the documents: what a reader copies into a shell. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const project = join(import.meta.dirname, '../..');

export interface DocumentedCommand {
  /** Relative to the project, and the line there. */
  readonly place: string;
  /** As it is written, without its comment. */
  readonly text: string;
  readonly words: readonly string[];
}

export const documents = (): readonly string[] =>
  globSync('**/*.md', {
    cwd: project,
    exclude: (path) => /(^|\/)(node_modules|\.castwatch|bundles)$/.test(path),
  })
    .filter((path) => path !== 'CHANGELOG.md')
    .sort();

/** Every command of the code blocks without a language or with a shell's. */
export const commandsIn = (document: string): readonly DocumentedCommand[] => {
  const lines = readFileSync(join(project, document), 'utf8').split('\n');
  const found: DocumentedCommand[] = [];
  let language: string | undefined;
  let pending = '';
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('```')) {
      language = language === undefined ? line.slice(3).trim() : undefined;
      continue;
    }
    if (language === undefined || !['', 'sh', 'bash'].includes(language)) continue;
    const words = split(`${pending}${line}`);
    if (words === 'open') {
      pending = `${pending}${line}\n`;
      continue;
    }
    pending = '';
    if (words.length > 0) found.push({ place: `${document}:${index + 1}`, text: words.join(' '), words });
  }
  return found;
};

/** Words of a line as a shell sees them, without a comment; `open` when a quotation goes on in the next line. */
function split(line: string): readonly string[] | 'open' {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (const letter of line) {
    if (quote !== '') {
      if (letter === quote) quote = '';
      else word = `${word ?? ''}${letter}`;
    } else if (letter === "'" || letter === '"') {
      quote = letter;
      word ??= '';
    } else if (/\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (letter === '#' && word === undefined) {
      break;
    } else {
      word = `${word ?? ''}${letter}`;
    }
  }
  if (quote !== '') return 'open';
  if (word !== undefined) words.push(word);
  return words;
}
