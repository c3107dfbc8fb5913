/** Which keys have a state, and what becomes of the states of others. */
import assert from 'node:assert/strict';
import type { ProducerRecord } from '../../stream/index.ts';
import { partKey, splitPartKey } from '../../stream/part-key.ts';
import { StateStore, type StateOwner } from '../../stream/state-store.ts';
import { applyTo, cellsCodec, compacted, createCells, holding, restoredCells, type Cells } from './cells.ts';

describe('stream/state-store: keys from outside', () => {
  const accepting = (accepts: (key: string) => boolean): StateOwner<Cells> => ({
    create: createCells,
    accepts,
  });
  const storeFor = (owner: StateOwner<Cells>, mostKeys?: number): StateStore<Cells> =>
    new StateStore(
      owner,
      { codec: cellsCodec('x'), changelog: 'changelog', ...(mostKeys !== undefined && { mostKeys }) },
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
    const owner = { create: () => (created++, createCells()), accepts: (key: string) => key === 'a' };
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
    applyTo(
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
      applyTo(store, [{ key, cell: 1 }]);
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
    applyTo(store, [{ key: 'a', cell: 1 }]);
    store.drainChangelog(changelog);
    applyTo(store, [
      { key: 'b', cell: 2 },
      { key: 'a', cell: 3 },
    ]);
    store.drainChangelog(changelog);
    const again = await restoredCells(cellsCodec('x'), changelog);
    assert.deepEqual(again.touch('a').cells, [0, 0, 0, 1]);
  });
});
