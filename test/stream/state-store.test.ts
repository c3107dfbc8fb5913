/** The changelog restores what was in memory, for all batches, compacted or not. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { partKey, pieceName, splitPartKey } from '../../stream/part-key.ts';
import { mostPieceBytes } from '../../stream/state-pieces.ts';
import { StateStore, type StateOwner } from '../../stream/state-store.ts';
import type { PartedCodec, ProducerRecord, RawRecord, StateCodec, Transport } from '../../stream/index.ts';
import { seed } from '../support/seed.ts';
import { jsonCodec } from './harness.ts';

/** Counters in a few cells; a cell is a part. */
interface Cells {
  total: number;
  readonly cells: number[];
  readonly changed: Set<number>;
}

const create = (): Cells => ({ total: 0, cells: [0, 0, 0, 0], changed: new Set() });

function codecOf(layout: string): PartedCodec<Cells> {
  const text = (value: unknown) => Buffer.from(JSON.stringify(value));
  return {
    changes(state, put) {
      put('', text(state.total));
      for (const cell of state.changed) put(String(cell), text([layout, state.cells[cell]]));
      state.changed.clear();
    },
    restore(parts) {
      const state = create();
      const obsolete: string[] = [];
      state.total = JSON.parse(parts.get('')?.toString() ?? '0') as number;
      for (const [part, bytes] of parts) {
        if (part === '') continue;
        const [of, count] = JSON.parse(bytes.toString()) as [string, number];
        if (of === layout) state.cells[Number(part)] = count;
        else obsolete.push(part);
      }
      return { state, obsolete };
    },
  };
}

const whole = jsonCodec<{ total: number; cells: number[] }>();
const wholeCodec: StateCodec<Cells> = {
  encode: ({ total, cells }) => whole.encode({ total, cells }),
  decode: (bytes) => ({ ...whole.decode(bytes), changed: new Set() }),
};

const storeOf = (codec: StateCodec<Cells>): StateStore<Cells> =>
  new StateStore({ create }, { codec, changelog: 'changelog' }, 0);

/** A transport whose changelog holds these records. */
function holding(records: readonly ProducerRecord[]): Transport {
  const raw = records.map(({ key, value }, offset): RawRecord => ({
    offset,
    key: Buffer.from(key ?? ''),
    value,
    timestamp: 0,
    headers: undefined,
  }));
  const read: Transport['read'] = (_, each) => {
    each(raw);
    return Promise.resolve();
  };
  return { read } as unknown as Transport;
}

/** What Kafka's log cleaner leaves: the last record of each key, and no tombstones after a while. */
function compacted(records: readonly ProducerRecord[]): ProducerRecord[] {
  const last = new Map(records.map((record) => [String(record.key), record]));
  return records.filter((record) => last.get(String(record.key)) === record && record.value !== null);
}

const keys = ['a', 'b', 'a\u001f1', '\u001f', ''];
const change = fc.record({ key: fc.constantFrom(...keys), cell: fc.nat(3) });
const batches = fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 12 });

function apply(store: StateStore<Cells>, batch: readonly { key: string; cell: number }[]): void {
  for (const { key, cell } of batch) {
    const state = store.touch(key);
    state.total += 1;
    state.cells[cell] = (state.cells[cell] ?? 0) + 1;
    state.changed.add(cell);
  }
}

const contentOf = (store: StateStore<Cells>) =>
  keys.map((key) => {
    const { total, cells } = store.touch(key);
    return { key, total, cells };
  });

async function restored(codec: StateCodec<Cells>, changelog: readonly ProducerRecord[]) {
  const store = storeOf(codec);
  await store.restore(holding(changelog));
  return store;
}

describe('stream/state-store', () => {
  for (const [form, codec] of [
    ['whole', wholeCodec],
    ['in parts', codecOf('x')],
  ] as const) {
    it(`restores states from the changelog, compacted or not: ${form}`, () =>
      fc.assert(
        fc.asyncProperty(batches, async (all) => {
          const live = storeOf(codec);
          const changelog: ProducerRecord[] = [];
          for (const batch of all) {
            apply(live, batch);
            live.drainChangelog(changelog);
          }
          const full = await restored(codec, changelog);
          const short = await restored(codec, compacted(changelog));
          const expected = contentOf(live);
          assert.deepEqual(contentOf(full), expected);
          assert.deepEqual(contentOf(short), expected);
        }),
        { seed },
      ));
  }

  it('writes each part of a key once per batch, and nothing when nothing was touched', () => {
    const store = storeOf(codecOf('x'));
    const changelog: ProducerRecord[] = [];
    apply(store, [
      { key: 'a', cell: 1 },
      { key: 'a', cell: 1 },
      { key: 'b', cell: 2 },
    ]);
    store.drainChangelog(changelog);
    store.drainChangelog(changelog);
    assert.deepEqual(
      changelog.map(({ key }) => key),
      ['a', 'a\u001f1', 'b', 'b\u001f2'],
    );
  });

  it('removes obsolete parts when their key is next written', () =>
    fc.assert(
      fc.asyncProperty(batches, batches, async (before, after) => {
        const old = storeOf(codecOf('old'));
        const changelog: ProducerRecord[] = [];
        for (const batch of before) apply(old, batch);
        old.drainChangelog(changelog);
        const live = await restored(codecOf('new'), changelog);
        for (const batch of after) {
          apply(live, batch);
          live.drainChangelog(changelog);
        }
        const touched = new Set(after.flat().map(({ key }) => key));
        for (const { key, value } of compacted(changelog)) {
          const [of, part] = splitPartKey(String(key));
          if (part === '' || !touched.has(of)) continue;
          assert.match(value?.toString() ?? '', /new/, `part ${part} of ${of}`);
        }
        const again = await restored(codecOf('new'), compacted(changelog));
        assert.deepEqual(contentOf(again), contentOf(live));
      }),
      { seed },
    ));

  it('keeps keys and parts apart, whatever is in a key', () => {
    const key = fc.array(fc.constantFrom('a', 'b', '\u001f'), { maxLength: 6 }).map((all) => all.join(''));
    const part = fc.constantFrom('', '1', 'all');
    fc.assert(
      fc.property(key, part, (of, name) => {
        assert.deepEqual(splitPartKey(partKey(of, name)), [of, name]);
      }),
      { seed },
    );
  });

  describe('with states of any size', () => {
    interface Blob {
      bytes: Buffer;
    }
    const blobCodec: StateCodec<Blob> = {
      encode: ({ bytes }) => bytes,
      decode: (bytes) => ({ bytes: Buffer.from(bytes) }),
    };
    const blobs = (): StateStore<Blob> =>
      new StateStore(
        { create: () => ({ bytes: Buffer.alloc(0) }) },
        { codec: blobCodec, changelog: 'changelog' },
        0,
      );
    const write = (store: StateStore<Blob>, key: string, bytes: Buffer): ProducerRecord[] => {
      store.touch(key).bytes = bytes;
      const records: ProducerRecord[] = [];
      store.drainChangelog(records);
      return records;
    };
    const filled = (length: number, from: number): Buffer =>
      Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 31 + from) % 251));
    const names = (records: readonly ProducerRecord[]): string[] =>
      records.map(({ key, value }) => `${value === null ? '-' : '+'}${splitPartKey(String(key))[1]}`);

    it('writes a large one in pieces that a broker accepts, and deletes the form that it had before', () => {
      const store = blobs();
      assert.deepEqual(names(write(store, 'k', filled(10, 0))), ['+']);
      const large = write(store, 'k', filled(3 * mostPieceBytes, 1));
      const [first, second, third] = [0, 1, 2].map((index) => `+${pieceName('', index)}`);
      assert.deepEqual(names(large), ['-', first, second, third]);
      assert.ok(large.every(({ value }) => (value?.length ?? 0) < 1_000_000));
      const smaller = write(store, 'k', filled(mostPieceBytes + 1, 2));
      assert.deepEqual(names(smaller), [first, second, `-${pieceName('', 2)}`]);
      const small = write(store, 'k', filled(10, 3));
      assert.deepEqual(names(small), ['+', `-${pieceName('', 0)}`, `-${pieceName('', 1)}`]);
      assert.deepEqual(names(write(store, 'k', filled(10, 4))), ['+']);
    });

    it('restores them from the changelog, compacted or not, whatever sizes came before', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              key: fc.constantFrom(...keys),
              length: fc.constantFrom(0, 10, mostPieceBytes, mostPieceBytes + 1, 3 * mostPieceBytes),
            }),
            { minLength: 1, maxLength: 6 },
          ),
          fc.nat(5),
          async (writes, restartAfter) => {
            let live = blobs();
            const changelog: ProducerRecord[] = [];
            for (const [index, { key, length }] of writes.entries()) {
              changelog.push(...write(live, key, filled(length, index)));
              if (index !== restartAfter) continue;
              live = blobs();
              await live.restore(holding(changelog));
            }
            for (const records of [changelog, compacted(changelog)]) {
              const store = blobs();
              await store.restore(holding(records));
              for (const key of keys) assert.ok(store.touch(key).bytes.equals(live.touch(key).bytes), key);
            }
            const left = compacted(changelog).filter(({ value }) => value !== null);
            const most = writes.length * 3;
            assert.ok(left.length <= most);
          },
        ),
        { seed, numRuns: 20 },
      ));

    it('refuses pieces that are missing, of two writes, damaged, or beside a whole', async () => {
      const bytes = filled(3 * mostPieceBytes, 1);
      const whole = write(blobs(), 'k', bytes).filter(({ value }) => value !== null);
      const other = write(blobs(), 'k', filled(3 * mostPieceBytes, 2)).filter(({ value }) => value !== null);
      const [first, , third] = whole as [ProducerRecord, ProducerRecord, ProducerRecord];
      const damaged = Buffer.from(third.value ?? []);
      damaged.writeUInt8(damaged.readUInt8(100) ^ 1, 100);
      const cases: readonly (readonly [RegExp, readonly ProducerRecord[]])[] = [
        [/piece 1 of 3 is missing/, [first, third]],
        [/another write/, [...whole.slice(0, 2), ...other.slice(2)]],
        [/checksum/, [...whole.slice(0, 2), { ...third, value: damaged }]],
        [/as one record and in pieces/, [...whole, { ...first, key: 'k', value: Buffer.alloc(1) }]],
        [/4 pieces instead of 3/, [...whole, { ...third, key: partKey('k', pieceName('', 3)) }]],
      ];
      for (const [message, records] of cases)
        await assert.rejects(blobs().restore(holding(records)), message, String(message));
    });
  });

  describe('with keys from outside', () => {
    const accepting = (accepts: (key: string) => boolean): StateOwner<Cells> => ({ create, accepts });
    const storeFor = (owner: StateOwner<Cells>, mostKeys?: number): StateStore<Cells> =>
      new StateStore(
        owner,
        { codec: codecOf('x'), changelog: 'changelog', ...(mostKeys !== undefined && { mostKeys }) },
        0,
      );
    const drained = (store: StateStore<Cells>): string[] => {
      const records: ProducerRecord[] = [];
      store.drainChangelog(records);
      return records.map(({ key, value }) => `${value === null ? '-' : '+'}${String(key)}`);
    };
    const evictedFrom = (store: StateStore<Cells>): [string, number][] => {
      const evicted: [string, number][] = [];
      store.drainEvicted((...each) => evicted.push(each));
      return evicted;
    };

    it('keeps and writes nothing for a key that the step does not accept', () => {
      let created = 0;
      const owner = { create: () => (created++, create()), accepts: (key: string) => key === 'a' };
      const store = storeFor(owner);
      for (let n = 0; n < 1_000; n++) store.touch(`no-${n}`);
      assert.equal(created, 1, 'all share one state, which the step does not change');
      assert.equal(store.size, 0);
      assert.deepEqual(drained(store), []);
      store.touch('a');
      assert.deepEqual([store.size, drained(store)], [1, ['+a']]);
    });

    it('deletes what an earlier version kept for such keys, some at a time, and counts it', async () => {
      const before = storeFor(accepting(() => true));
      const changelog: ProducerRecord[] = [];
      const strangers = Array.from({ length: 2_500 }, (_, n) => `no-${n}`);
      apply(
        before,
        [...strangers, 'a'].map((key) => ({ key, cell: 1 })),
      );
      before.drainChangelog(changelog);

      const store = storeFor(accepting((key) => key === 'a'));
      const report = await store.restore(holding(changelog));
      assert.deepEqual([report.keys, store.size], [1, 1]);
      assert.deepEqual(evictedFrom(store), [['UNACCEPTED_KEY', 2_500]]);
      let rounds = 0;
      for (let found = -1; found !== changelog.length; rounds++) {
        found = changelog.length;
        const records: ProducerRecord[] = [];
        store.drainChangelog(records);
        assert.ok(records.length <= 1_001, 'one transaction gets a bounded number of tombstones');
        changelog.push(...records);
      }
      assert.ok(rounds > 3);
      assert.deepEqual(
        compacted(changelog).map(({ key }) => String(key)),
        ['a', partKey('a', '1')],
      );
      const again = storeFor(accepting(() => true));
      await again.restore(holding(changelog));
      assert.equal(again.size, 1);
    });

    it('forgets the key that was used longest ago when there are more than the limit, and counts it', async () => {
      const store = storeFor(
        accepting(() => true),
        3,
      );
      const changelog: ProducerRecord[] = [];
      for (const key of ['a', 'b', 'c', 'a', 'd']) {
        apply(store, [{ key, cell: 1 }]);
        store.drainChangelog(changelog);
      }
      assert.deepEqual(evictedFrom(store), [['LEAST_USED_KEY', 1]]);
      const left = compacted(changelog).map(({ key }) => splitPartKey(String(key))[0]);
      assert.deepEqual([...new Set(left)], ['c', 'a', 'd']);
      const again = storeFor(
        accepting(() => true),
        2,
      );
      assert.equal((await again.restore(holding(changelog))).keys, 2);
      assert.equal(again.touch('a').total, 2);
      assert.equal(again.touch('c').total, 0, 'the oldest had to go');
    });

    it('never mixes what a key had before it was forgotten with what it has now', async () => {
      const store = storeFor(
        accepting(() => true),
        1,
      );
      const changelog: ProducerRecord[] = [];
      apply(store, [{ key: 'a', cell: 1 }]);
      store.drainChangelog(changelog);
      apply(store, [
        { key: 'b', cell: 2 },
        { key: 'a', cell: 3 },
      ]);
      store.drainChangelog(changelog);
      const again = await restored(codecOf('x'), changelog);
      assert.deepEqual(again.touch('a').cells, [0, 0, 0, 1]);
    });
  });
});
