import { strict as assert } from 'node:assert';
import { describePlaces, describeView } from '../../../cli/start/terminal.ts';

describe('cli/start/terminal', () => {
  const view = {
    scansPerSecond: 2,
    predictions: 1,
    rejected: 0,
    deadLetters: 0,
    openAlerts: 1,
    latency: { p50: 12, p99: null },
    lag: 0,
  };

  it('uses the singular for one, and mentions rejected readings and dead letters only if there are any', () => {
    assert.equal(
      describeView(view),
      '2.0 scans/s · latency p50 12 ms p99 – · 1 prediction · 1 open alarm · lag 0',
    );
    assert.match(
      describeView({ ...view, openAlerts: 2, rejected: 3, deadLetters: 1 }, 'sink: joining'),
      /2 open alarms · 3 rejected · 1 dead letter · lag 0 · sink: joining$/,
    );
  });

  it('says "catching up" when no reading comes in and records are waiting', () => {
    assert.match(describeView({ ...view, scansPerSecond: 0, lag: 7 }), /^catching up · .*lag 7$/);
    assert.match(describeView({ ...view, scansPerSecond: 0 }), /^0\.0 scans\/s/);
  });

  it('shows all addresses, without the password', () => {
    const places = describePlaces(
      {
        brokers: ['127.0.0.1:1', '127.0.0.1:2'],
        registryUrl: 'http://127.0.0.1:3/api',
        databaseUrl: 'postgres://u:secret@127.0.0.1:4/db',
      },
      'http://127.0.0.1:5',
      'logs',
    );
    for (const place of [
      '127.0.0.1:1,127.0.0.1:2',
      ':3/api',
      'postgres://u:***@127.0.0.1:4/db',
      ':5',
      'logs',
    ])
      assert.ok(places.includes(place), place);
    assert.ok(!places.includes('secret'));
  });
});
