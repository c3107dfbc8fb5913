import { strict as assert } from 'node:assert';
import { Board } from '../../../gateway/live/board.ts';
import { snapshots, type Snapshots } from '../../../gateway/live/snapshot.ts';
import { plantView } from '../../../gateway/plant-view.ts';
import type { History } from '../../../gateway/history.ts';
import { openDefinition } from '../../../roles/open-definition.ts';
import { createLogger } from '../../../telemetry/log.ts';
import { emptyHistory } from '../memory-gateway.ts';
import { alert, prediction } from '../records.ts';
import { richHistory } from '../rich-history.ts';

const definition = openDefinition({ process: 'processes/casting.yaml' });
const plant = plantView(definition);
const forever = new AbortController().signal;

const make = (history: History, board = new Board()): Snapshots =>
  snapshots({
    plant,
    board,
    history,
    log: createLogger('test', 'silent'),
    feed: () => ({ state: 'live', since: 0 }),
  });

describe('snapshots', () => {
  it('query the database once for all clients that join at the same time, and again for those that join later', async () => {
    let asked = 0;
    const later = <T>(answer: T): Promise<T> => {
      asked += 1;
      return new Promise((resolve) => setImmediate(resolve, answer));
    };
    const { snapshot } = make({
      assets: () => later([]),
      scans: () => later([]),
      predictions: () => later([]),
      alerts: () => later([]),
      rows: () => later([]),
    });
    const storm = await Promise.all(Array.from({ length: 20 }, () => snapshot(['a', 'b'], forever)));
    assert.deepEqual(
      storm.map(({ assets }) => assets.map(({ asset }) => asset)),
      storm.map(() => ['a', 'b']),
    );
    const once = 2 * 2 + 2;
    assert.equal(asked, once);
    await snapshot(['a', 'b'], forever);
    assert.equal(asked, 2 * once);
  });

  it('make no more queries when the client is gone', async () => {
    const gone = new AbortController();
    const asked: string[] = [];
    const { snapshot } = make({
      ...emptyHistory,
      predictions: (asset) => {
        asked.push(asset);
        if (asked.length === 2) gone.abort(new Error('gone'));
        return Promise.resolve([]);
      },
    });
    await assert.rejects(snapshot(['a', 'b', 'c', 'd'], gone.signal), /gone/);
    assert.deepEqual(asked, ['a', 'b']);
  });

  it('have the signals of predictions only since an open alarm of the asset was raised', async () => {
    const board = new Board();
    const signals = [{ name: 'spread', value: 7 }];
    for (const time of [1_000, 2_000, 3_000]) board.prediction(prediction('a', time, { signals }));
    board.prediction(prediction('b', 3_000, { signals }));
    board.alert(alert('a', 2_000));
    const { assets } = await make(emptyHistory, board).snapshot(['a', 'b'], forever);
    assert.deepEqual(
      assets.map(({ trend }) => trend.map((point) => point.signals.length)),
      [[0, 1, 1], [0]],
    );
  });

  it('are small: of eight assets, less than a tenth of their scans and predictions', async () => {
    const assets = Array.from({ length: 8 }, (_, n) => `Castwatch/Works1/SteelPlant/Caster1/S${n + 1}`);
    const history = richHistory(definition);
    const { snapshot, scans } = make(history);
    const first = await snapshot(assets, forever);
    const perAsset = first.assets.map(({ trend }) => trend.length);
    const wanted = perAsset[0] ?? 0;
    assert.deepEqual([...new Set(perAsset)], [(15 * 60_000) / plant.predictionPeriod]);
    const complete = await Promise.all(
      assets.map(async (asset) => [
        await history.scans(asset, { limit: 300 }),
        await history.predictions(asset, { limit: wanted }),
      ]),
    );
    const [small, large] = [first, complete].map((one) => Buffer.byteLength(JSON.stringify(one)));
    assert.ok((small ?? 0) * 10 < (large ?? 0), `${small} bytes, and complete ${large}`);
    const onDemand = await scans(assets[0] ?? '', forever);
    assert.equal(onDemand.scans.length, 300);
  });
});
