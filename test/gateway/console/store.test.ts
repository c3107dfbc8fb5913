import assert from 'node:assert/strict';
import {
  AssetStore,
  line,
  predictionWindow,
  probabilityTop,
  scanWindow,
} from '../../../gateway/console/store.ts';
import type { Scan } from '../../../gateway/shared/messages.ts';
import { prediction } from '../records.ts';

const scan = (eventTime: number, value: number | null = 1): Scan => ({
  asset: 'a',
  eventTime,
  publishedAt: null,
  values: [value],
  marks: [],
});
const up = { downSince: null, joinedAt: 1_000 };

describe('AssetStore', () => {
  it('sorts scans by event time, also late ones, and replaces a scan by another one of the same time', () => {
    const store = new AssetStore('a');
    for (const [time, value] of [
      [10, 1],
      [30, 3],
      [20, 2],
      [30, 4],
    ] as const)
      store.addScan(scan(time, value), 0);
    assert.deepEqual(
      store.scans.map(({ eventTime, values }) => [eventTime, values[0]]),
      [
        [10, 1],
        [20, 2],
        [30, 4],
      ],
    );
  });

  it('removes what is older than its windows, by event time', () => {
    const store = new AssetStore('a');
    store.addScan(scan(0), 0);
    store.addPrediction(prediction('a', 0));
    store.addScan(scan(scanWindow + 1), 0);
    store.addPrediction(prediction('a', predictionWindow - 1));
    assert.deepEqual(
      store.scans.map(({ eventTime }) => eventTime),
      [scanWindow + 1],
    );
    assert.equal(store.trend.length, 2);
  });

  it('replaces all its data by a snapshot', () => {
    const store = new AssetStore('a');
    store.addScan(scan(5), 0);
    store.addPrediction(prediction('a', 5));
    store.reset({ asset: 'a', scan: scan(7), prediction: null, trend: [] }, 0, 0);
    assert.deepEqual(
      store.scans.map(({ eventTime }) => eventTime),
      [7],
    );
    assert.deepEqual([store.trend, store.latestPrediction()], [[], undefined]);
  });

  it('takes the scans from before the snapshot on demand, and keeps newer ones and its status', () => {
    const store = new AssetStore('a');
    store.reset({ asset: 'a', scan: scan(30, 3), prediction: null, trend: [] }, 0, 0);
    store.addScan(scan(40, 4), 500);
    assert.equal(store.hasPast, false);
    store.addPast([scan(10, 1), scan(20, 2), scan(30, 9)]);
    assert.deepEqual(
      store.scans.map(({ values: [value] }) => value),
      [1, 2, 3, 4],
    );
    assert.equal(store.lastArrival, 500);
    assert.equal(store.hasPast, true);
    store.reset({ asset: 'a', scan: scan(50), prediction: null, trend: [] }, 0, 0);
    assert.equal(store.hasPast, false, 'a new snapshot has none again');
  });

  it('shows the newest prediction, also when an older one comes late', () => {
    const store = new AssetStore('a');
    const points = [prediction('a', 5), prediction('a', 10)];
    store.reset(
      { asset: 'a', scan: null, prediction: prediction('a', 10, { probability: 0.1 }), trend: points },
      0,
      0,
    );
    store.addPrediction(prediction('a', 7, { probability: 0.7 }));
    assert.equal(store.latestPrediction()?.probability, 0.1);
    store.addPrediction(prediction('a', 15, { probability: 0.2 }));
    assert.equal(store.latestPrediction()?.probability, 0.2);
    assert.equal(store.trend.length, 4);
  });

  it('computes from a snapshot alone whether an asset is live, stale or has never sent data', () => {
    const store = new AssetStore('a');
    const after = (newest: Scan | null, serverTime: number) => {
      store.reset({ asset: 'a', scan: newest, prediction: null, trend: [] }, serverTime, 5_000);
      return store.status(5_000, { downSince: null, joinedAt: 5_000 }, 1_000);
    };
    // The gateway's clock is far ahead of the viewer's: ages count, not times.
    const live = { ...scan(7), publishedAt: 90_000 };
    assert.deepEqual(after(live, 90_500), { kind: 'live' });
    assert.deepEqual(after(live, 91_500), { kind: 'stale', since: 7 });
    assert.deepEqual(after(scan(7), 90_000), { kind: 'stale', since: 7 }, 'only stored');
    assert.deepEqual(after(null, 90_000), { kind: 'waiting' });
  });

  it('is waiting, then live, then stale since its last reading; disconnected overrides all of these', () => {
    const store = new AssetStore('a');
    assert.deepEqual(store.status(1_500, up, 1_000), { kind: 'waiting' });
    assert.deepEqual(store.status(2_001, up, 1_000), { kind: 'stale', since: null });
    store.addScan(scan(77), 3_000);
    assert.deepEqual(store.status(3_500, up, 1_000), { kind: 'live' });
    assert.deepEqual(store.status(4_001, up, 1_000), { kind: 'stale', since: 77 });
    assert.deepEqual(store.status(4_001, { downSince: 3_900, joinedAt: 0 }, 1_000), {
      kind: 'disconnected',
      since: 3_900,
    });
  });
});

describe('line', () => {
  it('leaves a gap where points are missing for longer than the limit', () => {
    const { times, values } = line(
      [scan(1_000), scan(2_000), scan(9_000)],
      ({ values: [value] }) => value ?? null,
      3_000,
    );
    assert.deepEqual(times, [1, 2, 5, 9]);
    assert.deepEqual(values, [1, 1, null, 1]);
  });
});

describe('probabilityTop', () => {
  const one = (probability: number | null, upper: number | null, threshold = 0.05) =>
    prediction('a', 0, { probability, upper, threshold });

  it('is the same for all assets, and above every probability, interval and threshold', () => {
    assert.equal(probabilityTop([]), 0.1);
    assert.equal(probabilityTop([[one(0.02, 0.05)], [one(0.02, 0.31), one(null, null)]]), 0.5);
    assert.equal(probabilityTop([[one(0.02, null)], [one(0.26, null)]]), 0.3);
    assert.equal(probabilityTop([[one(0.01, 0.02, 0.1)]]), 0.2);
    assert.equal(probabilityTop([[one(0.99, 1)]]), 1);
  });
});
