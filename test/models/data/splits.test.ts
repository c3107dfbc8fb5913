import assert from 'node:assert/strict';
import fc from 'fast-check';
import { at } from '../../../models/numbers/matrix.ts';
import {
  groupFolds,
  heldOutEnd,
  stratifiedFolds,
  type RowPlaces,
  type Split,
} from '../../../models/data/splits.ts';

const hop = 5000;

/** Some assets, each with groups of consecutive rows; groups may be shared between assets. */
const history = fc
  .record({
    assets: fc.integer({ min: 1, max: 3 }),
    lengths: fc.array(fc.integer({ min: 3, max: 30 }), { minLength: 6, maxLength: 14 }),
    embargo: fc.integer({ min: 0, max: 40_000 }),
    folds: fc.integer({ min: 2, max: 5 }),
  })
  .map(({ assets, lengths, embargo, folds }) => {
    const rows = Array.from({ length: assets }, (_, asset) =>
      lengths
        .flatMap((length, group) => Array.from({ length }, () => ({ asset, group })))
        .map((row, i) => ({
          ...row,
          time: i * hop,
        })),
    ).flat();
    const places: RowPlaces = {
      time: Float64Array.from(rows, ({ time }) => time),
      asset: rows.map(({ asset }) => asset),
      group: rows.map(({ group }) => group),
    };
    return { places, all: Uint32Array.from(rows.keys()), embargo, folds };
  });

function checkNoLeak(places: RowPlaces, split: Split, embargo: number): void {
  const testGroups = new Set(Array.from(split.test, (row) => at(places.group, row)));
  for (const row of split.train) {
    assert.ok(!testGroups.has(at(places.group, row)), 'a group on both sides');
    for (const other of split.test) {
      if (at(places.asset, row) !== at(places.asset, other)) continue;
      const distance = Math.abs(at(places.time, row) - at(places.time, other));
      assert.ok(distance >= embargo, `${distance} ms apart with an embargo of ${embargo}`);
    }
  }
}

describe('splits', () => {
  it('never put a group, or a window, on both sides', () => {
    fc.assert(
      fc.property(history, fc.boolean(), ({ places, all, embargo, folds }, interleave) => {
        for (const split of groupFolds(places, all, folds, embargo, interleave))
          checkNoLeak(places, split, embargo);
        checkNoLeak(places, heldOutEnd(places, all, 0.25, embargo), embargo);
      }),
      { numRuns: 40 },
    );
  });

  it('test every row exactly once', () => {
    fc.assert(
      fc.property(history, ({ places, all, folds }) => {
        const tested = groupFolds(places, all, folds, 0, false).flatMap(({ test }) => Array.from(test));
        assert.deepEqual(
          tested.sort((a, b) => a - b),
          Array.from(all),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('hold out the end: no development row is later on any asset', () => {
    fc.assert(
      fc.property(history, ({ places, all, embargo }) => {
        const { train, test } = heldOutEnd(places, all, 0.25, embargo);
        const latest = Math.max(...Array.from(train, (row) => at(places.time, row)));
        const earliest = Math.min(...Array.from(test, (row) => at(places.time, row)));
        assert.ok(latest < earliest);
        assert.ok(test.length >= 0.25 * all.length);
      }),
      { numRuns: 40 },
    );
  });
});

describe('stratified folds', () => {
  it('hold every row once, with the same share of every class to within one row', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 10, maxLength: 80 }),
        fc.integer({ min: 2, max: 5 }),
        (classes, folds) => {
          const rows = Uint32Array.from(classes.keys());
          const splits = stratifiedFolds(classes, rows, folds, 7);
          assert.deepEqual(
            splits.flatMap(({ test }) => [...test]).sort((a, b) => a - b),
            [...rows],
          );
          for (const kind of new Set(classes)) {
            const counts = splits.map(({ test }) => test.filter((row) => classes[row] === kind).length);
            assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, String(counts));
          }
          for (const { train, test } of splits) assert.equal(train.length + test.length, rows.length);
        },
      ),
    );
  });

  it('differ by seed', () => {
    const rows = Uint32Array.from({ length: 40 }, (_, i) => i);
    const first = (seed: number) => [
      ...(stratifiedFolds(
        rows.map(() => 0),
        rows,
        4,
        seed,
      )[0]?.test ?? []),
    ];
    assert.notDeepEqual(first(1), first(2));
    assert.deepEqual(first(1), first(1));
  });
});
