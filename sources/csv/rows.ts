/**
 * Reads the rows of a file in chunks, so that a single row needs no promise. A row is a line. Cells may be quoted, but
 * cannot contain line breaks, so an unclosed quote only spoils its own line.
 */
import { createReadStream, type ReadStream } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { messageOf } from '../../base/text.ts';
import { CastwatchError } from '../../base/errors.ts';

export interface RawRow {
  readonly cells: readonly string[];
  /** The line in the file, counted from 1. */
  readonly line: number;
}

export class RowReader {
  readonly #path: string;
  readonly #delimiter: string;
  readonly #onSkipped: (line: number, what: string) => void;
  readonly #file: ReadStream;
  readonly #chunks: AsyncIterator<string, undefined>;
  #rest = '';
  #line = 0;
  #ended = false;

  /** @param onSkipped called with each line that is not valid CSV, and with what is wrong */
  constructor(path: string, delimiter: string, onSkipped: (line: number, what: string) => void) {
    this.#path = path;
    this.#delimiter = delimiter;
    this.#onSkipped = onSkipped;
    this.#file = createReadStream(path, { encoding: 'utf8' });
    // With an encoding, chunks are strings.
    this.#chunks = this.#file[Symbol.asyncIterator]() as AsyncIterator<string, undefined>;
  }

  get bytesRead(): number {
    return this.#file.bytesRead;
  }

  /** Returns the next rows; none at the end. @throws CastwatchError INPUT when the file cannot be read */
  async next(): Promise<readonly RawRow[]> {
    while (!this.#ended) {
      const rows = this.#split(await this.#chunk()).flatMap((line) => this.#row(line) ?? []);
      if (rows.length > 0) return rows;
    }
    return [];
  }

  close(): void {
    this.#file.destroy();
  }

  /** Undefined at the end. */
  async #chunk(): Promise<string | undefined> {
    try {
      return (await this.#chunks.next()).value;
    } catch (cause) {
      const message = messageOf(cause);
      throw new CastwatchError('INPUT', `${this.#path} cannot be read: ${message}`, {
        cause,
        remedy: 'Check that the file exists, is readable, and contains text.',
      });
    }
  }

  /** Splits off complete lines. The text after the last line break waits for the next chunk. */
  #split(chunk: string | undefined): string[] {
    const lines = `${this.#rest}${chunk ?? ''}`.split('\n');
    this.#ended = chunk === undefined;
    this.#rest = this.#ended ? '' : (lines.pop() ?? '');
    return lines;
  }

  #row(text: string): RawRow | undefined {
    const line = ++this.#line;
    const trimmed = (line === 1 ? text.replace(/^\uFEFF/, '') : text).replace(/\r$/, '');
    if (trimmed === '') return undefined;
    if (!trimmed.includes('"')) return { cells: trimmed.split(this.#delimiter), line };
    try {
      const [cells] = parse(trimmed, { delimiter: this.#delimiter, relaxColumnCount: true });
      return cells === undefined ? undefined : { cells, line };
    } catch (error) {
      this.#onSkipped(line, messageOf(error).replace(/ at line 1\b/, ''));
      return undefined;
    }
  }
}
