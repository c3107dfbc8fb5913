/** The promises of every step. They let it run on Kafka, in memory and over history with the same results. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  absorbed,
  inParts,
  type Input,
  type Outcome,
  type Output,
  type PartedCodec,
  type StateCodec,
  type Step,
  type StepRecord,
} from '../../stream/index.ts';
import { seed } from '../support/seed.ts';

export interface Subject<In extends Input, Out extends Output, State, Extra> {
  readonly step: Step<In, Out, State, Extra>;
  /** Undefined when the step has no state. */
  readonly codec: StateCodec<State> | undefined;
  /** Records of several keys, valid and invalid ones. */
  readonly records: fc.Arbitrary<readonly StepRecord<In>[]>;
  readonly runs?: number;
}

/** Runs records in batches as the runtime does: prepare first, then one by one. `afterBatch` may swap states. */
async function run<In extends Input, Out extends Output, State, Extra>(
  { step }: Subject<In, Out, State, Extra>,
  batches: readonly (readonly StepRecord<In>[])[],
  afterBatch: (states: Map<string, State>) => void = () => undefined,
): Promise<readonly Outcome<Out>[]> {
  const states = new Map<string, State>();
  const outcomes: Outcome<Out>[] = [];
  for (const batch of batches) {
    const extras = step.prepare ? await step.prepare(batch) : [];
    for (const [index, each] of batch.entries()) {
      if (!states.has(each.key)) states.set(each.key, step.create(each.key));
      outcomes.push(step.process(each, states.get(each.key) as State, extras[index] as Extra));
    }
    afterBatch(states);
  }
  return outcomes;
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

export function processorContract<In extends Input, Out extends Output, State, Extra>(
  subject: Subject<In, Out, State, Extra>,
): void {
  const { step, codec, records, runs = 40 } = subject;

  /** Checks for all lists of records that `other` gives the same outcomes as one plain run. */
  async function same(
    other: (list: readonly StepRecord<In>[]) => Promise<readonly Outcome<Out>[]>,
  ): Promise<void> {
    const property = fc.asyncProperty(records, async (list) => {
      assert.deepEqual(await other(list), await run(subject, [list]));
    });
    await fc.assert(property, { seed, numRuns: runs });
  }

  describe(`${step.name}: contract of a step`, () => {
    it('gives the same outcomes every time', () => same((list) => run(subject, [list])));

    it('gives the same outcomes for batches of any size', async () => {
      await same((list) => run(subject, chunks(list, 1)));
      await same((list) => run(subject, chunks(list, 7)));
    });

    it('keeps keys apart', () =>
      same(async (list) => {
        const keys = [...new Set(list.map(({ key }) => key))];
        const outcomes = new Map<StepRecord<In>, Outcome<Out>>();
        for (const key of keys) {
          const own = list.filter((each) => each.key === key);
          const results = await run(subject, [own]);
          own.forEach((each, index) => outcomes.set(each, results[index] as Outcome<Out>));
        }
        return list.map((each) => outcomes.get(each) as Outcome<Out>);
      }));

    it('does not change its input', () =>
      same(async (list) => {
        const before = structuredClone(list);
        const outcomes = await run(subject, [list]);
        assert.deepEqual(structuredClone(list), before);
        return outcomes;
      }));

    it('does not change its outputs after it has returned them', () =>
      same(async (list) => {
        const copies: Outcome<Out>[] = [];
        const states = new Map<string, State>();
        const extras = step.prepare ? await step.prepare(list) : [];
        for (const [index, each] of list.entries()) {
          if (!states.has(each.key)) states.set(each.key, step.create(each.key));
          copies.push(
            structuredClone(step.process(each, states.get(each.key) as State, extras[index] as Extra)),
          );
        }
        return copies.map(restoreBuffers);
      }));

    if (codec === undefined) return;

    it('keeps nothing about a key that it does not accept', () => {
      fc.assert(
        fc.property(records, (list) => {
          const key = 'no/asset';
          assert.equal(step.accepts?.(key), false);
          const state = step.create(key);
          const fresh = structuredClone(step.create(key));
          for (const each of list) {
            const outcome = step.process({ ...each, key }, state, undefined as Extra);
            assert.notEqual(outcome, absorbed);
          }
          assert.deepEqual(structuredClone(state), fresh);
        }),
        { seed, numRuns: runs },
      );
    });

    it('continues the same from its changelog, for batches of any size', async () => {
      for (const size of [1, 7, 50]) {
        await same((list) => {
          const changelog = new Changelog(inParts(codec));
          return run(subject, chunks(list, size), (states) => {
            changelog.take(states);
            for (const key of states.keys()) states.set(key, changelog.restore(key));
          });
        });
      }
    });

    it('continues the same from a changelog that was written in many batches', () =>
      same(async (list) => {
        const half = Math.floor(list.length / 2);
        const changelog = new Changelog(inParts(codec));
        let batches = 0;
        const cut = [...chunks(list.slice(0, half), 3), list.slice(half)];
        return run(subject, cut, (states) => {
          changelog.take(states);
          if (++batches === cut.length - 1)
            for (const key of states.keys()) states.set(key, changelog.restore(key));
        });
      }));

    it('writes nothing when the state has not changed', () =>
      same((list) => {
        const parts = inParts(codec);
        return run(subject, chunks(list, 7), (states) => {
          for (const state of states.values()) {
            const first = new Map<string, Buffer | null>();
            parts.changes(state, (part, bytes) => first.set(part, bytes));
            parts.changes(state, (part, bytes) => {
              assert.deepEqual([part, bytes], ['', first.get('')]);
            });
          }
        });
      }));

    it('refuses bytes that are not one of its states', () => {
      const parts = inParts(codec);
      const own: Buffer[] = [];
      parts.changes(step.create('key'), (part, bytes) => {
        assert.ok(part === '' && bytes !== null);
        own.push(bytes);
      });
      const [bytes = Buffer.alloc(0)] = own;
      const restoring = (changed: Buffer) => () => parts.restore(new Map([['', changed]]));
      assert.throws(restoring(Buffer.concat([Buffer.from([99]), bytes.subarray(1)])), /version 99/);
      assert.throws(restoring(bytes.subarray(0, bytes.length - 1)), RangeError);
      assert.throws(restoring(Buffer.concat([bytes, Buffer.alloc(1)])), RangeError);
    });
  });
}

/** A compacted changelog: it keeps the last bytes of every part. */
class Changelog<State> {
  readonly #codec: PartedCodec<State>;
  readonly #keys = new Map<string, Map<string, Buffer>>();

  constructor(codec: PartedCodec<State>) {
    this.#codec = codec;
  }

  take(states: ReadonlyMap<string, State>): void {
    for (const [key, state] of states) {
      const parts = this.#keys.get(key) ?? new Map<string, Buffer>();
      this.#keys.set(key, parts);
      this.#codec.changes(state, (part, bytes) =>
        bytes === null ? parts.delete(part) : parts.set(part, bytes),
      );
    }
  }

  restore(key: string): State {
    const { state, obsolete } = this.#codec.restore(this.#keys.get(key) ?? new Map());
    assert.deepEqual(obsolete, []);
    return state;
  }
}

/** `structuredClone` makes plain byte arrays of buffers. */
function restoreBuffers<T>(value: T): T {
  if (value instanceof Uint8Array) return Buffer.from(value) as unknown as T;
  if (Array.isArray(value)) return value.map((each: unknown) => restoreBuffers(each)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, restoreBuffers(each as unknown)]),
  ) as T;
}
