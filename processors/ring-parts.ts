/**
 * Writes a ring of slots to the changelog and reads it back. Each changed slot is one part. When many slots have changed,
 * the entire ring is one part. Parts are numbered as they are written and read back in that order, so later parts win.
 */
import type { ByteWriter } from './bytes.ts';
import { ByteReader, readVersion } from './bytes.ts';

const version = 1;
/** Bytes of a part before its slots: version, layout, number. */
export const ringHead = 1 + 4 + 8;
const whole = 'all';

/** At this share of changed slots one large record costs less than many small ones, so all slots count as changed. */
const wholeFrom = 1 / 3;

/** The slots of a ring that the changelog does not have yet: a few of them, or all. */
export class ChangedSlots {
  readonly #few: number[] = [];
  #count = 0;
  #all = false;
  readonly #allFrom: number;
  /** Parts written so far. */
  written = 0;

  constructor(slots: number) {
    this.#allFrom = slots * wholeFrom;
  }

  add(slot: number): void {
    if (this.#all) return;
    for (let at = 0; at < this.#count; at++) if (this.#few[at] === slot) return;
    this.#few[this.#count++] = slot;
    if (this.#count >= this.#allFrom) this.#all = true;
  }

  addAll(): void {
    this.#all = this.#allFrom > 0;
  }

  /** Calls `each` with every changed slot, or once with `undefined` for all slots; then forgets them. */
  drain(each: (slot: number | undefined) => void): void {
    if (this.#all) each(undefined);
    else for (let at = 0; at < this.#count; at++) each(this.#few[at]);
    this.#count = 0;
    this.#all = false;
  }
}

/** Why a restored state is counted as forgotten: its numbers mean something else in this definition. */
export const otherDefinition = 'OTHER_DEFINITION';

/** How the slots of a ring are written as bytes and read back. */
export interface RingForm<State> {
  /** Identifies what the bytes mean. Parts with another layout are not read. */
  readonly layout: number;
  /** An earlier name of the same layout: its parts are read, and the ring is written again. */
  readonly before?: number;
  changed(state: State): ChangedSlots;
  writeSlot(to: ByteWriter, state: State, slot: number): void;
  readSlot(from: ByteReader, state: State, slot: number): void;
  writeAll(to: ByteWriter, state: State): void;
  readAll(from: ByteReader, state: State): void;
}

export function writeRing<State>(
  form: RingForm<State>,
  state: State,
  writer: ByteWriter,
  put: (part: string, bytes: Buffer) => void,
): void {
  const changed = form.changed(state);
  changed.drain((slot) => {
    writer.byte(version);
    writer.uint(form.layout);
    writer.double(++changed.written);
    if (slot === undefined) form.writeAll(writer, state);
    else form.writeSlot(writer, state, slot);
    put(slot === undefined ? whole : String(slot), writer.finish());
  });
}

interface Part {
  readonly name: string;
  readonly number: number;
  readonly reader: ByteReader;
}

/** Restores the slots into `state`. @returns the names of parts with another layout, which are obsolete once it is written */
export function readRing<State>(
  form: RingForm<State>,
  state: State,
  parts: ReadonlyMap<string, Buffer>,
): readonly string[] {
  const obsolete: string[] = [];
  const found: Part[] = [];
  for (const [name, bytes] of parts) {
    if (name === '') continue;
    const reader = new ByteReader(bytes);
    readVersion(reader, version);
    const layout = reader.uint();
    if (layout !== form.layout) obsolete.push(name);
    if (layout === form.layout || layout === form.before)
      found.push({ name, number: reader.double(), reader });
  }
  found.sort((a, b) => a.number - b.number);
  for (const { name, number, reader } of found) {
    if (name === whole) form.readAll(reader, state);
    else form.readSlot(reader, state, Number(name));
    reader.end();
    form.changed(state).written = number;
  }
  if (form.before !== undefined && obsolete.length > 0) form.changed(state).addAll();
  return obsolete;
}
