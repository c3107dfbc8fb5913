/**
 * The state of a task's keys. It is in memory, is written to a compacted changelog once per key and batch (complete or as
 * changed parts), and is restored from there. The changelog records are in the same transaction as outputs and offsets.
 *
 * There is no state for a key that the step does not accept. Where keys are not limited otherwise, only the latest keys
 * have one.
 */
import { partKey, pieceName, splitPartKey } from './part-key.ts';
import { StreamError } from './errors.ts';
import { cutIntoPieces, joinParts, mostPieceBytes } from './state-pieces.ts';
import type { PartedCodec, PutPart, StateBinding, StateCodec, Step } from './step.ts';
import type { ProducerRecord, Transport } from './transport.ts';

export interface RestoreReport {
  readonly keys: number;
  readonly bytes: number;
}

/** What the store needs of a step. */
export type StateOwner<State> = Pick<Step<never, never, State>, 'create' | 'accepts'>;

/** Why the store has removed the state of a key. */
export const evictions = {
  /** The step does not accept the key. An earlier version kept a state for it, or the step's settings have changed. */
  unaccepted: 'UNACCEPTED_KEY',
  /** There were more keys than the binding allows, and this one was used longest ago. */
  leastUsed: 'LEAST_USED_KEY',
} as const;

/** A key's state in memory. */
interface Kept<State> {
  readonly key: string;
  readonly state: State;
  /** True when the step has touched the state since the last changelog records. */
  touched: boolean;
  /** By part: the number of pieces in the changelog, for parts that are too large for one record. */
  pieces: Map<string, number> | undefined;
  /** Names of the parts in the changelog; undefined where keys are never forgotten. */
  readonly parts: Set<string> | undefined;
}

/** Most tombstones of removed keys in one transaction, so that a large clean-up does not delay the work. */
const mostTombstones = 1_000;

export class StateStore<State> {
  readonly #owner: StateOwner<State>;
  readonly #binding: StateBinding<State> | undefined;
  readonly #codec: PartedCodec<State> | undefined;
  readonly #mostKeys: number;
  readonly #partition: number;
  /** The key that was used longest ago is first, where the number of keys is limited. */
  readonly #states = new Map<string, Kept<State>>();
  readonly #touched: Kept<State>[] = [];
  /** By key: parts to delete together with the key's next changes. */
  readonly #obsolete = new Map<string, readonly string[]>();
  /** By key: the changelog keys to delete, all in one transaction. */
  readonly #doomed = new Map<string, Set<string>>();
  readonly #evicted = new Map<string, number>();
  /** What the step gets for a key that it does not accept. */
  #spare: State | undefined;

  constructor(owner: StateOwner<State>, binding: StateBinding<State> | undefined, partition: number) {
    this.#owner = owner;
    this.#binding = binding;
    this.#codec = binding === undefined ? undefined : inParts(binding.codec);
    this.#mostKeys = binding?.mostKeys ?? Infinity;
    this.#partition = partition;
  }

  get size(): number {
    return this.#states.size;
  }

  /** Returns the key's state, which the caller changes in place. The next changelog records contain the changes. */
  touch(key: string): State {
    const kept = this.#states.get(key) ?? this.#begin(key);
    if (kept === undefined) return (this.#spare ??= this.#owner.create(key));
    if (!kept.touched && this.#binding !== undefined) {
      kept.touched = true;
      this.#touched.push(kept);
      if (this.#mostKeys !== Infinity) this.#moveToEnd(kept);
    }
    return kept.state;
  }

  /** Calls `each` with the reasons for which states, or entries of them, were removed since the last call, and their number. */
  drainEvicted(each: (reason: string, count: number) => void): void {
    for (const [reason, count] of this.#evicted) each(reason, count);
    this.#evicted.clear();
  }

  /** @returns undefined when the step does not accept the key, or has no state at all */
  #begin(key: string): Kept<State> | undefined {
    if (!this.#accepts(key)) return undefined;
    const state = this.#owner.create(key);
    if (state === undefined) return undefined;
    const kept = this.#keep(key, state, undefined);
    this.#forgetLeastUsed();
    return kept;
  }

  #accepts(key: string): boolean {
    return this.#owner.accepts?.(key) ?? true;
  }

  #keep(key: string, state: State, pieces: Kept<State>['pieces']): Kept<State> {
    const parts = this.#mostKeys === Infinity ? undefined : new Set<string>();
    const kept = { key, state, touched: false, pieces, parts };
    this.#states.set(key, kept);
    return kept;
  }

  #moveToEnd(kept: Kept<State>): void {
    this.#states.delete(kept.key);
    this.#states.set(kept.key, kept);
  }

  /** Removes the states that were used longest ago, except those of which the changelog does not have the last changes. */
  #forgetLeastUsed(): void {
    for (const kept of this.#states.values()) {
      if (this.#states.size <= this.#mostKeys || kept.touched) return;
      this.#states.delete(kept.key);
      const names = [...(kept.parts ?? [])].map((part) => partKey(kept.key, part));
      this.#doomed.set(kept.key, new Set(names));
      this.#countEvicted(evictions.leastUsed);
    }
  }

  #countEvicted(reason: string): void {
    this.#evicted.set(reason, (this.#evicted.get(reason) ?? 0) + 1);
  }

  /** Appends the changes of all keys that were touched since the last call. */
  drainChangelog(into: ProducerRecord[]): void {
    const codec = this.#codec;
    const topic = this.#binding?.changelog;
    if (codec === undefined || topic === undefined) return;
    const partition = this.#partition;
    let kept: Kept<State> | undefined;
    const write: PutPart = (part, value) => {
      const key = partKey(kept?.key ?? '', part);
      if (this.#doomed.size > 0) this.#doomed.get(kept?.key ?? '')?.delete(key);
      if (value === null) kept?.parts?.delete(part);
      else kept?.parts?.add(part);
      into.push({ topic, partition, key, value });
    };
    const put: PutPart = (part, value) => {
      const isLarge = value !== null && value.length > mostPieceBytes;
      if (kept !== undefined && (isLarge || kept.pieces?.has(part) === true))
        writeInPieces(kept, part, value, write);
      else write(part, value);
    };
    for (kept of this.#touched) {
      kept.touched = false;
      // Before the changes, because a part of the same name may be written again.
      if (this.#obsolete.size > 0) this.#forgetObsolete(kept.key, put);
      codec.changes(kept.state, put);
      // What the key had before it was removed must not mix with what it has now.
      if (this.#doomed.size > 0) this.#bury(topic, kept.key, into);
    }
    this.#touched.length = 0;
    if (this.#doomed.size > 0) this.#burySome(topic, into);
  }

  #forgetObsolete(key: string, put: PutPart): void {
    for (const part of this.#obsolete.get(key) ?? []) put(part, null);
    this.#obsolete.delete(key);
  }

  /** Deletes removed keys from the changelog, some at a time. */
  #burySome(topic: string, into: ProducerRecord[]): void {
    const before = into.length;
    for (const key of this.#doomed.keys()) {
      if (into.length - before >= mostTombstones) return;
      this.#bury(topic, key, into);
    }
  }

  #bury(topic: string, key: string, into: ProducerRecord[]): void {
    const partition = this.#partition;
    for (const name of this.#doomed.get(key) ?? []) into.push({ topic, partition, key: name, value: null });
    this.#doomed.delete(key);
  }

  /** Reads the changelog to its end. Call it only after the task's producer is created, which ends all open transactions. */
  async restore(transport: Transport): Promise<RestoreReport> {
    const changelog = this.#binding?.changelog;
    const codec = this.#codec;
    if (codec === undefined || changelog === undefined) return { keys: 0, bytes: 0 };
    // Only the last value of each part counts, so nothing is decoded before the end.
    const latest = new Latest((key) => this.#accepts(key), this.#mostKeys !== Infinity);
    let bytes = 0;
    await transport.read({ topic: changelog, partition: this.#partition }, (records) => {
      for (const { key, value } of records) {
        if (key === null) continue;
        bytes += value?.length ?? 0;
        latest.take(key.toString(), value);
      }
    });
    for (const [key, parts] of latest.accepted) this.#restoreKey(key, parts, codec, changelog);
    this.#forgetLeastUsed();
    for (const [key, names] of latest.unaccepted) {
      this.#doomed.set(key, names);
      this.#countEvicted(evictions.unaccepted);
    }
    return { keys: this.#states.size, bytes };
  }

  #restoreKey(
    key: string,
    written: ReadonlyMap<string, Buffer>,
    codec: PartedCodec<State>,
    changelog: string,
  ): void {
    try {
      const { parts, pieces } = joinParts(written);
      const { state, obsolete, evicted } = codec.restore(parts);
      const kept = this.#keep(key, state, pieces);
      for (const part of written.keys()) kept.parts?.add(part);
      for (const reason of evicted ?? []) this.#countEvicted(reason);
      if (obsolete.length > 0) this.#obsolete.set(key, obsolete);
    } catch (cause) {
      const what = `${changelog}: the state of key ${key} cannot be read: ${String(cause)}`;
      throw new StreamError('STATE_UNREADABLE', what, { cause });
    }
  }
}

/** Writes a part that is too large for one record, or was so before. The earlier form of the part is deleted with it. */
function writeInPieces<State>(kept: Kept<State>, part: string, value: Buffer | null, write: PutPart): void {
  const pieces = value !== null && value.length > mostPieceBytes ? cutIntoPieces(value) : [];
  const before = kept.pieces?.get(part) ?? 0;
  if (pieces.length === 0) write(part, value);
  else if (before === 0) write(part, null);
  for (const [index, piece] of pieces.entries()) write(pieceName(part, index), piece);
  for (let index = pieces.length; index < before; index++) write(pieceName(part, index), null);
  kept.pieces ??= new Map();
  if (pieces.length > 0) kept.pieces.set(part, pieces.length);
  else kept.pieces.delete(part);
}

/** The latest value of each changelog key. Of keys that the step does not accept, only the names are kept. */
class Latest {
  readonly accepted = new Map<string, Map<string, Buffer>>();
  readonly unaccepted = new Map<string, Set<string>>();
  readonly #accepts: (key: string) => boolean;
  readonly #isOrdered: boolean;

  /** @param isOrdered whether to keep the accepted keys in the order of their latest records */
  constructor(accepts: (key: string) => boolean, isOrdered: boolean) {
    this.#accepts = accepts;
    this.#isOrdered = isOrdered;
  }

  take(recordKey: string, value: Buffer | null): void {
    const [key, part] = splitPartKey(recordKey);
    const parts = this.accepted.get(key);
    if (parts === undefined && !this.#accepts(key)) this.#takeUnaccepted(key, recordKey, value);
    else if (value === null) this.#delete(key, part);
    else this.#put(key, parts ?? new Map<string, Buffer>(), part, value);
  }

  #put(key: string, parts: Map<string, Buffer>, part: string, value: Buffer): void {
    if (parts.size === 0 || this.#isOrdered) {
      this.accepted.delete(key);
      this.accepted.set(key, parts);
    }
    parts.set(part, value);
  }

  #delete(key: string, part: string): void {
    const parts = this.accepted.get(key);
    parts?.delete(part);
    if (parts?.size === 0) this.accepted.delete(key);
  }

  #takeUnaccepted(key: string, recordKey: string, value: Buffer | null): void {
    const names = this.unaccepted.get(key);
    if (value !== null) {
      if (names === undefined) this.unaccepted.set(key, new Set([recordKey]));
      else names.add(recordKey);
      return;
    }
    names?.delete(recordKey);
    if (names?.size === 0) this.unaccepted.delete(key);
  }
}

/** Treats a complete state as a state of one part that always changes. */
export function inParts<State>(codec: StateCodec<State>): PartedCodec<State> {
  if ('changes' in codec) return codec;
  return {
    changes(state, put) {
      put('', codec.encode(state));
    },
    restore(parts) {
      const whole = parts.get('');
      if (whole === undefined)
        throw new Error('it was written in parts, but this version reads it as one record');
      return { state: codec.decode(whole), obsolete: [...parts.keys()].filter((part) => part !== '') };
    },
  };
}
