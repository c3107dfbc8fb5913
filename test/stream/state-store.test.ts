/** The changelog restores what was in memory, for all batches, compacted or not. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { partKey, splitPartKey } from '../../stream/part-key.ts';
import { StateStore } from '../../stream/state-store.ts';
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
  new StateStore(create, { codec, changelog: 'changelog' }, 0);

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
});
