/**
 * A ring of slots in the changelog: each slot that has changed is a part of its own, or, when many have, the whole ring
 * is one. Parts are numbered as they are written, and read back in that order, so that the later one counts.
 */
import type { ByteWriter } from './bytes.ts';
import { ByteReader, readVersion } from './bytes.ts';

const version = 1;
const whole = 'all';

/** From this share of changed slots on, one large record costs less than many small ones: all count as changed. */
const wholeFrom = 1 / 3;

/** Which slots of a ring the changelog does not have yet: few in number, or all. */
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

  /** Hands over the changed slots, or `undefined` for all of them, and forgets them. */
  drain(each: (slot: number | undefined) => void): void {
    if (this.#all) each(undefined);
    else for (let at = 0; at < this.#count; at++) each(this.#few[at]);
    this.#count = 0;
    this.#all = false;
  }
}

/** How a ring's slots are put into bytes and read back. */
export interface RingForm<State> {
  /** Of what the bytes mean; parts of another layout are not read. */
  readonly layout: number;
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

/** Puts the slots back; gives back the names of parts of another layout. */
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
    if (reader.uint() === form.layout) found.push({ name, number: reader.double(), reader });
    else obsolete.push(name);
  }
  found.sort((a, b) => a.number - b.number);
  for (const { name, number, reader } of found) {
    if (name === whole) form.readAll(reader, state);
    else form.readSlot(reader, state, Number(name));
    reader.end();
    form.changed(state).written = number;
  }
  return obsolete;
}
