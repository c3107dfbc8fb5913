/** What people ask of the database, and what they get. */
import assert from 'node:assert/strict';
import pg from 'pg';
import { loadRows } from '../../../../sinks/timescale/writing/load.ts';
import { migrate } from '../../../../sinks/timescale/migrate.ts';
import { alerts, openAlerts, predictions, readings } from '../../../../sinks/timescale/queries/queries.ts';
import { tables } from '../../../../sinks/timescale/tables/tables.ts';
import { startPglite, startPostgres, type TestServer } from '../../support/databases.ts';
import { assetName, firstTime, makeRecord, makeRecords, tagNames } from '../../support/records.ts';

for (const [name, start] of [
  ['PostgreSQL', startPostgres],
  ['TimescaleDB (PGlite)', startPglite],
] as const) {
  describe(`questions to ${name}`, function () {
    this.timeout(60_000);
    const asset = assetName(0);
    const span = { from: firstTime, to: firstTime + 700_000 };
    let server: TestServer;
    let pool: pg.Pool;

    before(async () => {
      server = await start();
      const databaseUrl = await server.createDatabase();
      await migrate({ databaseUrl });
      pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
      pool.on('error', () => undefined);
      const client = await pool.connect();
      for (const topic of ['validatedReadings', 'predictions', 'alerts'] as const) {
        const rows = makeRecords(topic, 0, 700).flatMap(({ value, timestamp }) => [
          ...tables[topic].rows(value as never, timestamp),
        ]);
        await loadRows(client, tables[topic], rows, 'insert');
      }
      client.release();
    });
    after(async () => {
      await pool.end();
      await server.stop();
    });

    it('gives predictions as they were made, the newest first, within the span and the limit', async () => {
      const found = await predictions(pool, asset, { from: firstTime, to: firstTime + 70_000 }, 4);
      assert.deepEqual(
        found.map(({ eventTime }) => (eventTime - firstTime) / 1000),
        [63, 56, 49, 42],
      );
      const { contributions, signals, ...made } = makeRecord('predictions', 63).value;
      const [first] = found;
      assert.ok(first && signals.length > 0);
      assert.deepEqual({ ...first, contributions: undefined }, { ...made, contributions: undefined });
      // JSON has no NaN.
      assert.deepEqual(
        first.contributions,
        contributions.map((one) => ({ ...one, value: null })),
      );
      assert.deepEqual(await predictions(pool, 'nobody', span, 4), []);
    });

    it('gives the last word on each alert, and tells open ones apart', async () => {
      const raised = await alerts(pool, span, 1_000);
      assert.equal(raised.length, 234);
      const [open, ...others] = await openAlerts(pool, 10);
      assert.deepEqual(others, []);
      assert.equal(open?.id, 'alert-233');
      assert.equal(open.transition, 'RAISED');
      assert.equal(open.clearedAt, null);
      const cleared = raised.find(({ id }) => id === 'alert-0');
      assert.equal(cleared?.transition, 'CLEARED');
      assert.equal(cleared.clearedAt, firstTime + 2_000);
      assert.equal(cleared.raisedAt, firstTime);
      assert.ok((await alerts(pool, span, 1_000, asset)).every((alert) => alert.asset === asset));
      assert.equal((await alerts(pool, span, 5)).length, 5);
    });

    it('gives readings in buckets, at most as many as asked for', async () => {
      const found = await readings(pool, asset, span, 7);
      assert.deepEqual([...new Set(found.map(({ tag }) => tag))], [...tagNames].sort());
      for (const tag of tagNames) {
        const buckets = found.filter((bucket) => bucket.tag === tag);
        assert.equal(buckets.length, 7);
        assert.equal(
          buckets.reduce((sum, { scans }) => sum + scans, 0),
          100,
        );
        assert.ok(
          buckets.every(
            ({ minimum, mean, maximum }) =>
              minimum !== null && mean !== null && maximum !== null && minimum <= mean && mean <= maximum,
          ),
        );
      }
      assert.equal(
        found.filter(({ tag }) => tag === 'Flow/A').reduce((sum, { repaired }) => sum + repaired, 0),
        20,
      );
      assert.deepEqual(
        new Set((await readings(pool, asset, span, 7, ['Speed'])).map(({ tag }) => tag)),
        new Set(['Speed']),
      );
    });
  });
}
