/**
 * The state of a task's keys: in memory, written to a compacted changelog once per key and batch, and rebuilt
 * from there. The changelog records go into the same transaction as the outputs and offsets.
 */
import { StreamError } from './errors.ts';
import type { StateBinding } from './step.ts';
import type { ProducerRecord, Transport } from './transport.ts';

export interface RestoreReport {
  readonly keys: number;
  readonly bytes: number;
}

export class StateStore<State> {
  readonly #create: (key: string) => State;
  readonly #binding: StateBinding<State> | undefined;
  readonly #partition: number;
  readonly #states = new Map<string, State>();
  readonly #touched = new Map<string, State>();

  constructor(create: (key: string) => State, binding: StateBinding<State> | undefined, partition: number) {
    this.#create = create;
    this.#binding = binding;
    this.#partition = partition;
  }

  get size(): number {
    return this.#states.size;
  }

  /** The key's state, to be changed in place; it is in the next changelog. */
  touch(key: string): State {
    let state = this.#states.get(key);
    if (state === undefined) {
      state = this.#create(key);
      this.#states.set(key, state);
    }
    if (this.#binding !== undefined) this.#touched.set(key, state);
    return state;
  }

  /** Appends one record per key touched since the last call. */
  drainChangelog(into: ProducerRecord[]): void {
    if (this.#binding === undefined) return;
    for (const [key, state] of this.#touched) {
      into.push({
        topic: this.#binding.changelog,
        partition: this.#partition,
        key,
        value: this.#binding.codec.encode(state),
      });
    }
    this.#touched.clear();
  }

  /** Reads the changelog to its end. Call only after the task's producer is made: that ends all open writes. */
  async restore(transport: Transport): Promise<RestoreReport> {
    const binding = this.#binding;
    if (binding === undefined) return { keys: 0, bytes: 0 };
    // Only the last value of each key matters, so nothing is decoded before the end.
    const latest = new Map<string, Buffer>();
    let bytes = 0;
    await transport.read({ topic: binding.changelog, partition: this.#partition }, (records) => {
      for (const { key, value } of records) {
        if (key === null) continue;
        bytes += value?.length ?? 0;
        if (value === null) latest.delete(key.toString());
        else latest.set(key.toString(), value);
      }
    });
    for (const [key, value] of latest) this.#states.set(key, decodeState(binding, key, value));
    return { keys: latest.size, bytes };
  }
}

function decodeState<State>(binding: StateBinding<State>, key: string, value: Buffer): State {
  try {
    return binding.codec.decode(value);
  } catch (cause) {
    throw new StreamError(
      'STATE_UNREADABLE',
      `${binding.changelog}: the state of key ${key} cannot be read: ${String(cause)}`,
      {
        cause,
      },
    );
  }
}
