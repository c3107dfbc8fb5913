import assert from 'node:assert/strict';
import { Outbox } from '../../../gateway/live/outbox.ts';
import type { Scan } from '../../../gateway/shared/messages.ts';
import { alert, prediction } from '../records.ts';

const scan = (asset: string, eventTime: number): Scan => ({
  asset,
  eventTime,
  publishedAt: null,
  values: [],
  marks: [],
});

describe('Outbox', () => {
  it('gives each item once, in order, and then nothing', () => {
    const outbox = new Outbox();
    outbox.scan(scan('a', 1));
    outbox.scan(scan('a', 2));
    outbox.prediction(prediction('a', 2));
    outbox.alert(alert('a', 2));
    const frame = outbox.take(7);
    assert.deepEqual(
      {
        times: frame?.scans.map(({ eventTime }) => eventTime),
        predictions: frame?.predictions.length,
        alerts: frame?.alerts.length,
        skipped: frame?.skipped,
        serverTime: frame?.serverTime,
      },
      { times: [1, 2], predictions: 1, alerts: 1, skipped: 0, serverTime: 7 },
    );
    assert.equal(outbox.take(8), undefined);
  });

  it('keeps only the newest data of each asset, and says how many it left out', () => {
    const outbox = new Outbox({ perAsset: 3, alerts: 10 });
    for (let time = 0; time < 100; time++) outbox.scan(scan('a', time));
    for (let time = 0; time < 100; time++) outbox.prediction(prediction('a', time));
    outbox.scan(scan('b', 1));
    const frame = outbox.take(0);
    assert.deepEqual(
      frame?.scans.map(({ asset, eventTime }) => [asset, eventTime]),
      [
        ['a', 97],
        ['a', 98],
        ['a', 99],
        ['b', 1],
      ],
    );
    assert.deepEqual(
      frame.predictions.map(({ eventTime }) => eventTime),
      [97, 98, 99],
    );
    assert.equal(frame.skipped, 97 + 97);
    outbox.scan(scan('a', 100));
    assert.equal(outbox.take(0)?.skipped, 0, 'the count begins again after each frame');
  });

  it('never leaves out an alarm transition: when it is full, it refuses', () => {
    const outbox = new Outbox({ perAsset: 1, alerts: 2 });
    assert.equal(outbox.alert(alert('a', 1)), true);
    assert.equal(outbox.alert(alert('a', 2)), true);
    assert.equal(outbox.alert(alert('a', 3)), false);
    assert.deepEqual(
      outbox.take(0)?.alerts.map(({ raisedAt }) => raisedAt),
      [1, 2],
    );
  });
});
