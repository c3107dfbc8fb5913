/** Shared code of the contract suites: topics of JSON records, and a step that counts. */
import assert from 'node:assert/strict';
import {
  absorbed,
  emit,
  type Codec,
  type Input,
  type Output,
  type Processor,
  type RawRecord,
  type Step,
  type Transport,
} from '../../stream/index.ts';

/** A transport under test, and a way to create topics on its broker. */
export interface Rig {
  readonly transport: Transport;
  createTopics(
    topics: readonly {
      readonly name: string;
      readonly partitions: number;
      readonly compact?: boolean;
      /** `max.message.bytes`; brokers in memory do not check it. */
      readonly maxBytes?: number | undefined;
    }[],
  ): Promise<void>;
  /** Deletes the records of a partition before the offset, as retention does. */
  deleteBefore(topic: string, partition: number, offset: number): Promise<void>;
  /** Deletes the topic and makes it anew. */
  recreate(topic: {
    readonly name: string;
    readonly partitions: number;
    readonly compact?: boolean;
  }): Promise<void>;
  addPartitions(topic: string, partitions: number): Promise<void>;
  /** A name that no other test uses. */
  name(base: string): string;
}

export function jsonCodec<T>(): Codec<T> {
  return {
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (bytes) => JSON.parse(bytes.toString()) as T,
  };
}

export interface Item {
  readonly n: number;
}

export interface Counted {
  readonly key: string;
  /** Which record of its key this was, from 1. */
  readonly count: number;
  readonly sum: number;
  readonly label: string;
}

export interface CountState {
  count: number;
  sum: number;
  label: string;
}

export type CountIn = Input<'items', Item> | Input<'labels', { readonly label: string }>;
export type CountOut = Output<'counted', Counted>;

/** Counts and sums per key. The result shows every record that is lost, repeated or out of order. */
export const countStep: Step<CountIn, CountOut, CountState> = {
  name: 'count',
  create: () => ({ count: 0, sum: 0, label: '' }),
  process: ({ input, key, timestamp }, state) => {
    if (input.from === 'labels') {
      state.label = input.value.label;
      return absorbed;
    }
    if (input.value.n < 0) throw new Error(`negative number ${input.value.n}`);
    state.count += 1;
    state.sum += input.value.n;
    return emit({
      to: 'counted',
      key,
      timestamp,
      value: { key, count: state.count, sum: state.sum, label: state.label },
    });
  },
};

export interface CountTopics {
  readonly items: string;
  readonly labels: string;
  readonly counted: string;
  readonly changelog: string;
  readonly deadLetters: string;
  readonly application: string;
}

export async function createCountTopics(
  rig: Rig,
  partitions: number,
  {
    itemBytes,
    letterBytes,
    stateBytes,
  }: { readonly itemBytes?: number; readonly letterBytes?: number; readonly stateBytes?: number } = {},
): Promise<CountTopics> {
  const topics = {
    items: rig.name('items'),
    labels: rig.name('labels'),
    counted: rig.name('counted'),
    changelog: rig.name('changelog'),
    deadLetters: rig.name('dead-letters'),
    application: rig.name('app'),
  };
  await rig.createTopics([
    { name: topics.items, partitions, maxBytes: itemBytes },
    { name: topics.labels, partitions },
    { name: topics.counted, partitions },
    { name: topics.changelog, partitions, compact: true, maxBytes: stateBytes },
    { name: topics.deadLetters, partitions, maxBytes: letterBytes },
  ]);
  return topics;
}

export const countProcessor = (
  topics: CountTopics,
  step: Step<CountIn, CountOut, CountState> = countStep,
): Processor<CountIn, CountOut, CountState> => ({
  step,
  inputs: {
    items: { topic: topics.items, codec: jsonCodec<Item>(), role: 'stream' },
    labels: { topic: topics.labels, codec: jsonCodec<{ label: string }>(), role: 'table' },
  },
  outputs: { counted: { topic: topics.counted, codec: jsonCodec<Counted>(), headers: { made: 'count' } } },
  state: { codec: jsonCodec<CountState>(), changelog: topics.changelog },
});

/** Sends `perKey` numbers 1, 2, 3 … for each key, interleaved. */
export async function sendItems(
  rig: Rig,
  topic: string,
  keys: readonly string[],
  from: number,
  perKey: number,
): Promise<void> {
  const producer = await rig.transport.producer();
  for (let start = from; start < from + perKey; start += 50) {
    const records = [];
    for (let n = start; n < Math.min(start + 50, from + perKey); n++) {
      for (const key of keys)
        records.push({ topic, key, value: Buffer.from(JSON.stringify({ n })), timestamp: 1_000 + n });
    }
    await producer.send(records);
  }
  await producer.close();
}

export async function readAll(rig: Rig, topic: string): Promise<RawRecord[]> {
  const all: RawRecord[] = [];
  for (let partition = 0; partition < (await rig.transport.partitionCount(topic)); partition++) {
    await rig.transport.read({ topic, partition }, (records) => all.push(...records));
  }
  return all;
}

export async function readCounted(rig: Rig, topic: string): Promise<Map<string, Counted[]>> {
  const byKey = new Map<string, Counted[]>();
  for (const { key, value } of await readAll(rig, topic)) {
    const name = key?.toString() ?? '';
    byKey.set(name, [...(byKey.get(name) ?? []), JSON.parse(value?.toString() ?? 'null') as Counted]);
  }
  return byKey;
}

/** Asserts that every key has 1 … perKey exactly once and in order, with the right sums. */
export function assertExactlyOnce(
  counted: ReadonlyMap<string, readonly Counted[]>,
  keys: readonly string[],
  perKey: number,
): void {
  for (const key of keys) {
    const results = counted.get(key) ?? [];
    const verdict =
      results.length < perKey ? 'processed less than generated' : 'processed more than generated';
    assert.equal(results.length, perKey, `${key}: ${verdict}`);
    let sum = 0;
    for (const [index, result] of results.entries()) {
      sum += index + 1;
      assert.equal(result.count, index + 1, `${key}: out of order`);
      assert.equal(result.sum, sum, `${key}: state does not fit`);
    }
  }
}

export const keysOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `key-${index}`);
