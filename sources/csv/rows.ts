/** A file's rows as they are read: in chunks, so that single rows cost no promise. */
import { createReadStream, type ReadStream } from 'node:fs';
import { once } from 'node:events';
import { parse, type Parser } from 'csv-parse';
import { CastwatchError } from '../../telemetry/errors.ts';

export interface RawRow {
  readonly cells: readonly string[];
  /** In the file, counted from 1. */
  readonly line: number;
}

interface ParsedRow {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

const chunkRows = 1024;

/** Reads ahead by one chunk. */
export class RowReader {
  readonly #path: string;
  readonly #file: ReadStream;
  readonly #parser: Parser;
  #rows: RawRow[] = [];
  #ended = false;
  #failure: Error | undefined;

  /** @param onSkipped told of rows that are no CSV, with what is wrong */
  constructor(path: string, delimiter: string, onSkipped: (line: number, what: string) => void) {
    this.#path = path;
    this.#file = createReadStream(path);
    this.#parser = parse({
      delimiter,
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error) => {
        const line = (error as { readonly lines?: number } | undefined)?.lines ?? 0;
        onSkipped(line, error?.message ?? 'not CSV');
        return undefined;
      },
    });
    this.#parser.on('data', ({ record, info }: ParsedRow) => {
      this.#rows.push({ cells: record, line: info.lines });
      if (this.#rows.length >= chunkRows) this.#parser.pause();
    });
    this.#parser.on('end', () => (this.#ended = true));
    const fail = (error: Error) => {
      this.#failure = error;
      this.#parser.emit('chunk');
    };
    this.#file.on('error', fail);
    this.#parser.on('error', fail);
    for (const event of ['pause', 'end']) this.#parser.on(event, () => this.#parser.emit('chunk'));
    this.#file.pipe(this.#parser);
    this.#parser.pause();
  }

  /** Share of the file that has been read, by bytes. */
  get bytesRead(): number {
    return this.#file.bytesRead;
  }

  /** The next rows; none at the end. @throws CastwatchError INPUT when the file cannot be read */
  async next(): Promise<readonly RawRow[]> {
    while (this.#rows.length === 0 && !this.#ended && this.#failure === undefined) {
      const chunk = once(this.#parser, 'chunk');
      this.#parser.resume();
      await chunk;
    }
    if (this.#failure !== undefined)
      throw new CastwatchError('INPUT', `${this.#path} cannot be read: ${this.#failure.message}`, {
        cause: this.#failure,
        remedy: 'Check that the file is there, may be read, and is text.',
      });
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  close(): void {
    this.#file.destroy();
    this.#parser.destroy();
  }
}
