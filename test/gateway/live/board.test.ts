import assert from 'node:assert/strict';
import { Board } from '../../../gateway/live/board.ts';
import { merge } from '../../../gateway/live/snapshot.ts';
import { prediction } from '../records.ts';

const scan = (asset: string, eventTime: number) => ({
  asset,
  eventTime,
  publishedAt: null,
  values: [],
  marks: [],
});

describe('Board', () => {
  it('says whether an asset is new', () => {
    const board = new Board();
    assert.equal(board.scan(scan('a', 1)), true);
    assert.equal(board.scan(scan('a', 2)), false);
    assert.equal(board.prediction(prediction('a', 2)), false);
    assert.equal(board.prediction(prediction('b', 2)), true);
    assert.deepEqual(board.assets(), ['a', 'b']);
  });

  it('keeps the newest scans, up to its limit', () => {
    const board = new Board({ tail: 10, total: 1_000 });
    for (let time = 0; time < 500; time++) board.scan(scan('a', time));
    const kept = board.scans('a');
    assert.ok(kept.length >= 10 && kept.length <= 15, `kept ${kept.length}`);
    assert.equal(kept.at(-1)?.eventTime, 499);
  });

  it('keeps fewer scans per asset when there are many assets', () => {
    const board = new Board({ tail: 300, total: 1_000 });
    for (let time = 0; time < 400; time++) for (let n = 0; n < 100; n++) board.scan(scan(`asset ${n}`, time));
    const kept = board.assets().reduce((sum, asset) => sum + board.scans(asset).length, 0);
    assert.ok(kept <= 1_500, `kept ${kept} over all assets`);
    assert.equal(board.scans('asset 7').at(-1)?.eventTime, 399);
  });
});

describe('merge', () => {
  it('joins stored and live data by event time without duplicates; the live record replaces the stored one', () => {
    const stored = [1, 2, 3].map((eventTime) => ({ eventTime, from: 'stored' }));
    const live = [3, 4].map((eventTime) => ({ eventTime, from: 'live' }));
    assert.deepEqual(merge(stored, live), [
      { eventTime: 1, from: 'stored' },
      { eventTime: 2, from: 'stored' },
      { eventTime: 3, from: 'live' },
      { eventTime: 4, from: 'live' },
    ]);
  });
});
