/**
 * Reads and writes strings from a small set that follow one another in the same order, as the tags of a scan do. It guesses
 * each string from the one before, and compares it instead of creating it again. A wrong guess costs one look-up in a
 * bounded table. The bytes and values are the same as with avsc's own string type.
 */
import avsc from 'avsc';

/** avsc's view of a buffer. `pos` may go past its end; avsc checks that afterwards. */
interface Tap {
  readonly buf: Buffer;
  pos: number;
  readString(): string;
  writeString(text: string): void;
}

interface ReadsStrings {
  _read(tap: Tap): string;
  _write(tap: Tap, value: unknown): void;
}

interface Known {
  readonly text: string;
  /** Length and UTF-8, as Avro writes it. */
  readonly bytes: Uint8Array;
  next: Known | undefined;
}

/** Maximum number of different strings, each of a maximum number of bytes; above it, all are forgotten. */
const mostKnown = 4_096;
const longest = 120;

/** Makes a string type that guesses. Each has its own memory. */
export function repeatedString(): avsc.Type {
  const plain = avsc.Type.forSchema('string') as avsc.Type & ReadsStrings;
  const forReading = new Succession();
  const forWriting = new Succession();
  const guessing: ReadsStrings = {
    _read(tap) {
      const { buf, pos } = tap;
      const guess = forReading.guess;
      if (guess !== undefined && startsWith(buf, pos, guess.bytes)) {
        tap.pos = pos + guess.bytes.length;
        return forReading.was(guess);
      }
      const text = tap.readString();
      if (tap.pos <= buf.length) forReading.came(text, buf, pos, tap.pos);
      return text;
    },
    _write(tap, value) {
      const { buf, pos } = tap;
      const guess = forWriting.guess;
      if (guess !== undefined && guess.text === value) {
        const { bytes } = guess;
        const end = pos + bytes.length;
        tap.pos = end;
        if (end <= buf.length) for (let at = 0; at < bytes.length; at++) buf[pos + at] = bytes[at] ?? 0;
        forWriting.was(guess);
        return;
      }
      plain._write(tap, value);
      if (tap.pos <= buf.length && typeof value === 'string') forWriting.came(value, buf, pos, tap.pos);
    },
  };
  // avsc freezes its types, so this object has the type as its prototype.
  return Object.assign(Object.create(plain) as avsc.Type, guessing);
}

/** Remembers which string follows which. */
class Succession {
  readonly #known = new Map<string, Known>();
  #last: Known | undefined;

  get guess(): Known | undefined {
    return this.#last?.next;
  }

  was(known: Known): string {
    this.#last = known;
    return known.text;
  }

  came(text: string, buffer: Buffer, from: number, to: number): void {
    if (to - from > longest) return;
    let known = this.#known.get(text);
    if (known === undefined) {
      if (this.#known.size >= mostKnown) this.#forgetAll();
      known = { text, bytes: Uint8Array.prototype.slice.call(buffer, from, to), next: undefined };
      this.#known.set(text, known);
    }
    if (this.#last !== undefined) this.#last.next = known;
    this.#last = known;
  }

  #forgetAll(): void {
    this.#known.clear();
    this.#last = undefined;
  }
}

function startsWith(buffer: Buffer, from: number, bytes: Uint8Array): boolean {
  const { length } = bytes;
  if (from + length > buffer.length) return false;
  for (let at = 0; at < length; at++) if (buffer[from + at] !== bytes[at]) return false;
  return true;
}
