/** Cuts bytes into lines, with bounded memory. */

export interface Line {
  /** The number of the line, counted from 1. */
  readonly number: number;
  /** The line without its line break; undefined when it is longer than `longestLine`. */
  readonly bytes: Buffer | undefined;
}

/** The longest line that is read, in bytes. Longer lines are skipped. */
export const longestLine = 1024 * 1024;

const lineBreak = 0x0a;

export class LineCutter {
  /** Number of complete lines so far. */
  line: number;
  #rest: Buffer = Buffer.alloc(0);
  /** The length of the incomplete line, including bytes that are no longer in memory. */
  #pending = 0;
  #tooLong = false;

  constructor(line: number) {
    this.line = line;
  }

  /** The number of bytes after the last line break. */
  get pending(): number {
    return this.#pending;
  }

  cut(bytes: Buffer): readonly Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let at = bytes.indexOf(lineBreak); at >= 0; at = bytes.indexOf(lineBreak, from)) {
      this.#keep(bytes.subarray(from, at));
      lines.push(this.#end());
      from = at + 1;
    }
    this.#keep(bytes.subarray(from));
    return lines;
  }

  /** The last line, when no further bytes come; undefined when the bytes ended with a line break. */
  rest(): Line | undefined {
    return this.#pending === 0 ? undefined : this.#end();
  }

  #keep(bytes: Buffer): void {
    this.#pending += bytes.length;
    this.#tooLong ||= this.#pending > longestLine;
    this.#rest = this.#tooLong ? Buffer.alloc(0) : Buffer.concat([this.#rest, bytes]);
  }

  #end(): Line {
    const line = { number: ++this.line, bytes: this.#tooLong ? undefined : this.#rest };
    this.#rest = Buffer.alloc(0);
    this.#pending = 0;
    this.#tooLong = false;
    return line;
  }
}
