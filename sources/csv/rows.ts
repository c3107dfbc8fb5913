/**
 * Reads the rows of a file in chunks, so that a single row needs no promise. A row is a line. Cells may be quoted, but
 * cannot contain line breaks, so an unclosed quote only spoils its own line.
 */
import { createReadStream, type ReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';
import { parse } from 'csv-parse/sync';
import { messageOf } from '../../base/text.ts';
import { CastwatchError } from '../../base/errors.ts';
import type { Encoding } from '../../processes/csv-schema.ts';

export interface RawRow {
  readonly cells: readonly string[];
  /** The line in the file, counted from 1. */
  readonly line: number;
}

export interface RowReaderOptions {
  readonly path: string;
  readonly delimiter: string;
  readonly encoding: Encoding;
  /** Called with each line that is not valid CSV or not in the encoding. */
  readonly onSkipped: (line: number, what: string, remedy: string) => void;
}

export class RowReader {
  readonly #path: string;
  readonly #delimiter: string;
  readonly #encoding: Encoding;
  readonly #decoder: TextDecoder;
  readonly #onSkipped: RowReaderOptions['onSkipped'];
  readonly #file: ReadStream;
  readonly #chunks: AsyncIterator<Buffer, undefined>;
  #rest = '';
  #line = 0;
  #ended = false;

  constructor({ path, delimiter, encoding, onSkipped }: RowReaderOptions) {
    this.#path = path;
    this.#delimiter = delimiter;
    this.#encoding = encoding;
    this.#decoder = new TextDecoder(encoding);
    this.#onSkipped = onSkipped;
    this.#file = createReadStream(path);
    // Without an encoding, chunks are buffers.
    this.#chunks = this.#file[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
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

  async #chunk(): Promise<string> {
    try {
      const { value } = await this.#chunks.next();
      if (value !== undefined) return this.#decoder.decode(value, { stream: true });
      this.#ended = true;
      return this.#decoder.decode();
    } catch (cause) {
      const message = messageOf(cause);
      throw new CastwatchError('INPUT', `${this.#path} cannot be read: ${message}`, {
        cause,
        remedy: 'Check that the file exists, is readable, and contains text.',
      });
    }
  }

  /** Splits off complete lines. The text after the last line break waits for the next chunk. */
  #split(chunk: string): string[] {
    const lines = `${this.#rest}${chunk}`.split('\n');
    this.#rest = this.#ended ? '' : (lines.pop() ?? '');
    return lines;
  }

  #row(text: string): RawRow | undefined {
    const line = ++this.#line;
    const trimmed = text.replace(/\r$/, '');
    if (trimmed === '') return undefined;
    if (trimmed.includes('\ufffd')) {
      this.#onSkipped(
        line,
        `it is not in ${this.#encoding}`,
        'Correct csv.encoding in the process definition.',
      );
      return undefined;
    }
    if (!trimmed.includes('"')) return { cells: trimmed.split(this.#delimiter), line };
    try {
      const [cells] = parse(trimmed, { delimiter: this.#delimiter, relaxColumnCount: true });
      return cells === undefined ? undefined : { cells, line };
    } catch (error) {
      const remedy = 'Correct the line: quotes must be closed, and doubled inside a cell.';
      this.#onSkipped(line, messageOf(error).replace(/ at line 1\b/, ''), remedy);
      return undefined;
    }
  }
}
