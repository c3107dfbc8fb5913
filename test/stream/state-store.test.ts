/** The changelog restores what was in memory, for all batches, compacted or not. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ProducerRecord, StateCodec } from '../../stream/index.ts';
import { partKey, splitPartKey } from '../../stream/part-key.ts';
import { seed } from '../support/seed.ts';
import {
  applyTo,
  cellKeys,
  cellsCodec,
  cellsStore,
  compacted,
  contentOf,
  holding,
  restoredCells,
  type Cells,
} from './cells.ts';
import { jsonCodec } from './harness.ts';

const whole = jsonCodec<{ total: number; cells: number[] }>();
const wholeCodec: StateCodec<Cells> = {
  encode: ({ total, cells }) => whole.encode({ total, cells }),
  decode: (bytes) => ({ ...whole.decode(bytes), changed: new Set() }),
};

const change = fc.record({ key: fc.constantFrom(...cellKeys), cell: fc.nat(3) });
const batches = fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 12 });

describe('stream/state-store', () => {
  for (const [form, codec] of [
    ['whole', wholeCodec],
    ['in parts', cellsCodec('x')],
  ] as const) {
    it(`restores states from the changelog, compacted or not: ${form}`, () =>
      fc.assert(
        fc.asyncProperty(batches, async (all) => {
          const live = cellsStore(codec);
          const changelog: ProducerRecord[] = [];
          for (const batch of all) {
            applyTo(live, batch);
            live.drainChangelog(changelog);
          }
          const full = await restoredCells(codec, changelog);
          const short = await restoredCells(codec, compacted(changelog));
          const expected = contentOf(live);
          assert.deepEqual(contentOf(full), expected);
          assert.deepEqual(contentOf(short), expected);
        }),
        { seed },
      ));
  }

  it('writes each part of a key once per batch, and nothing when nothing was touched', () => {
    const store = cellsStore(cellsCodec('x'));
    const changelog: ProducerRecord[] = [];
    applyTo(store, [
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
        const old = cellsStore(cellsCodec('old'));
        const changelog: ProducerRecord[] = [];
        for (const batch of before) applyTo(old, batch);
        old.drainChangelog(changelog);
        const live = await restoredCells(cellsCodec('new'), changelog);
        for (const batch of after) {
          applyTo(live, batch);
          live.drainChangelog(changelog);
        }
        const touched = new Set(after.flat().map(({ key }) => key));
        for (const { key, value } of compacted(changelog)) {
          const [of, part] = splitPartKey(String(key));
          if (part === '' || !touched.has(of)) continue;
          assert.match(value?.toString() ?? '', /new/, `part ${part} of ${of}`);
        }
        const again = await restoredCells(cellsCodec('new'), compacted(changelog));
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

  it('counts what a codec does not take over', async () => {
    const codec = cellsCodec('x');
    const restore: typeof codec.restore = (parts) => ({ ...codec.restore(parts), evicted: ['OTHER_UNIT'] });
    const store = cellsStore({ ...codec, restore });
    const value = Buffer.from('3');
    await store.restore(holding(['a', 'b'].map((key) => ({ topic: 'changelog', key, value }))));
    const counted: unknown[] = [];
    store.drainEvicted((...each) => counted.push(each));
    assert.deepEqual(counted, [['OTHER_UNIT', 2]]);
  });
});
