/** The queries of the gateway and the commands, and their results. */
import assert from 'node:assert/strict';
import pg from 'pg';
import { loadRows } from '../../../../sinks/timescale/writing/load-rows.ts';
import { migrate } from '../../../../sinks/timescale/migrate.ts';
import { openAlerts, storedAlerts } from '../../../../sinks/timescale/queries/alerts.ts';
import { storedPredictions } from '../../../../sinks/timescale/queries/predictions.ts';
import { tables } from '../../../../sinks/timescale/tables/tables.ts';
import { startPglite, startPostgres, type TestServer } from '../../support/databases.ts';
import { assetName, firstTime, makeRecord, makeRecords } from '../../support/records.ts';

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
      const found = await storedPredictions(pool, asset, { from: firstTime, to: firstTime + 70_000 }, 4);
      assert.deepEqual(
        found.map(({ eventTime }) => (eventTime - firstTime) / 1000),
        [63, 56, 49, 42],
      );
      // JSON has no NaN, but the query returns NaN.
      const { signals, ...made } = makeRecord('predictions', 63).value;
      assert.ok(signals.length > 0 && made.contributions.some(({ value }) => Number.isNaN(value)));
      assert.deepEqual(found[0], made);
      assert.deepEqual(await storedPredictions(pool, 'nobody', span, 4), []);
    });

    it('gives the newest transition of each alert, and the open alerts', async () => {
      const raised = await storedAlerts(pool, span, 1_000);
      assert.equal(raised.length, 234);
      const [open, ...others] = await openAlerts(pool, 10);
      assert.deepEqual(others, []);
      assert.equal(open?.id, 'alert-233');
      assert.equal(open.transition, 'RAISED');
      const cleared = raised.find(({ id }) => id === 'alert-0');
      assert.equal(cleared?.transition, 'CLEARED');
      assert.equal(cleared.eventTime, firstTime + 2_000);
      assert.equal(cleared.raisedAt, firstTime);
      assert.ok((await storedAlerts(pool, span, 1_000, asset)).every((alert) => alert.asset === asset));
      assert.equal((await storedAlerts(pool, span, 5)).length, 5);
    });
  });
}
