/**
 * The state of a task's keys. It is in memory, is written to a compacted changelog once per key and batch (complete or as
 * changed parts), and is restored from there. The changelog records are in the same transaction as outputs and offsets.
 */
import { partKey, splitPartKey } from './part-key.ts';
import { StreamError } from './errors.ts';
import type { PartedCodec, Restored, StateBinding, StateCodec } from './step.ts';
import type { ProducerRecord, Transport } from './transport.ts';

export interface RestoreReport {
  readonly keys: number;
  readonly bytes: number;
}

/** A key's state in memory. */
interface Kept<State> {
  readonly key: string;
  readonly state: State;
  /** True when the step has touched the state since the last changelog records. */
  touched: boolean;
}

export class StateStore<State> {
  readonly #create: (key: string) => State;
  readonly #binding: StateBinding<State> | undefined;
  readonly #codec: PartedCodec<State> | undefined;
  readonly #partition: number;
  readonly #states = new Map<string, Kept<State>>();
  readonly #touched: Kept<State>[] = [];
  /** By key: parts to delete together with the key's next changes. */
  readonly #obsolete = new Map<string, readonly string[]>();

  constructor(create: (key: string) => State, binding: StateBinding<State> | undefined, partition: number) {
    this.#create = create;
    this.#binding = binding;
    this.#codec = binding === undefined ? undefined : inParts(binding.codec);
    this.#partition = partition;
  }

  get size(): number {
    return this.#states.size;
  }

  /** Returns the key's state, which the caller changes in place. The next changelog records contain the changes. */
  touch(key: string): State {
    const kept = this.#states.get(key) ?? this.#keep(key, this.#create(key));
    if (!kept.touched && this.#binding !== undefined) {
      kept.touched = true;
      this.#touched.push(kept);
    }
    return kept.state;
  }

  #keep(key: string, state: State): Kept<State> {
    const kept = { key, state, touched: false };
    this.#states.set(key, kept);
    return kept;
  }

  /** Appends the changes of all keys that were touched since the last call. */
  drainChangelog(into: ProducerRecord[]): void {
    const codec = this.#codec;
    const topic = this.#binding?.changelog;
    if (codec === undefined || topic === undefined) return;
    const partition = this.#partition;
    let key = '';
    const put = (part: string, value: Buffer | null): void => {
      into.push({ topic, partition, key: partKey(key, part), value });
    };
    for (const kept of this.#touched) {
      key = kept.key;
      kept.touched = false;
      // Before the changes, because a part of the same name may be written again.
      if (this.#obsolete.size > 0) this.#forgetObsolete(key, put);
      codec.changes(kept.state, put);
    }
    this.#touched.length = 0;
  }

  #forgetObsolete(key: string, put: (part: string, value: null) => void): void {
    for (const part of this.#obsolete.get(key) ?? []) put(part, null);
    this.#obsolete.delete(key);
  }

  /** Reads the changelog to its end. Call it only after the task's producer is created, which ends all open transactions. */
  async restore(transport: Transport): Promise<RestoreReport> {
    const changelog = this.#binding?.changelog;
    const codec = this.#codec;
    if (codec === undefined || changelog === undefined) return { keys: 0, bytes: 0 };
    // Only the last value of each part counts, so nothing is decoded before the end.
    const latest = new Map<string, Map<string, Buffer>>();
    let bytes = 0;
    await transport.read({ topic: changelog, partition: this.#partition }, (records) => {
      for (const { key, value } of records) {
        if (key === null) continue;
        bytes += value?.length ?? 0;
        keep(latest, key.toString(), value);
      }
    });
    for (const [key, parts] of latest) {
      const { state, obsolete } = readState(codec, parts, `${changelog}: the state of key ${key}`);
      this.#keep(key, state);
      if (obsolete.length > 0) this.#obsolete.set(key, obsolete);
    }
    return { keys: latest.size, bytes };
  }
}

function keep(latest: Map<string, Map<string, Buffer>>, recordKey: string, value: Buffer | null): void {
  const [key, part] = splitPartKey(recordKey);
  const parts = latest.get(key);
  if (value === null) {
    parts?.delete(part);
    if (parts?.size === 0) latest.delete(key);
  } else if (parts === undefined) {
    latest.set(key, new Map([[part, value]]));
  } else {
    parts.set(part, value);
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

function readState<State>(
  codec: PartedCodec<State>,
  parts: ReadonlyMap<string, Buffer>,
  what: string,
): Restored<State> {
  try {
    return codec.restore(parts);
  } catch (cause) {
    throw new StreamError('STATE_UNREADABLE', `${what} cannot be read: ${String(cause)}`, { cause });
  }
}
