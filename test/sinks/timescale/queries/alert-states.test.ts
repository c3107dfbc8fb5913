/** The last transition of each alert has a row of its own, so that the list of alerts does not get slower with each alert. */
import assert from 'node:assert/strict';
import pg from 'pg';
import { migrate } from '../../../../sinks/timescale/migrate.ts';
import { openAlerts, storedAlerts } from '../../../../sinks/timescale/queries/alerts.ts';
import { alertsTable } from '../../../../sinks/timescale/tables/alerts.ts';
import { loadRows } from '../../../../sinks/timescale/writing/load-rows.ts';
import type { Alert } from '../../../../schemas/generated/types.ts';
import { alert } from '../../../gateway/records.ts';
import { startPglite, startPostgres, type TestServer } from '../../support/databases.ts';

const began = Date.UTC(2026, 0, 31, 12);
const raised = (id: string, given: Partial<Alert> = {}): Alert =>
  alert('E/S/A/L/S1', began, { id, ...given });
const cleared = (id: string): Alert =>
  raised(id, { transition: 'CLEARED', step: 2, eventTime: began + 9_000 });
const returned = (id: string): Alert =>
  raised(id, { transition: 'RETURNED_TO_NORMAL', step: 1, eventTime: began + 5_000 });

for (const [name, start] of [
  ['PostgreSQL', startPostgres],
  ['TimescaleDB (PGlite)', startPglite],
] as const) {
  describe(`the states of alerts on ${name}`, function () {
    this.timeout(60_000);
    let server: TestServer;
    let pool: pg.Pool;

    before(async () => {
      server = await start();
    });
    beforeEach(async () => {
      const databaseUrl = await server.createDatabase();
      await migrate({ databaseUrl });
      pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
      pool.on('error', () => undefined);
    });
    afterEach(() => pool.end());
    after(() => server.stop());

    async function store(...alerts: readonly Alert[]): Promise<void> {
      const client = await pool.connect();
      const rows = alerts.flatMap((one) => [...alertsTable.rows(one, began)]);
      await loadRows(client, alertsTable, rows, server.load).catch(() =>
        loadRows(client, alertsTable, rows, 'insert'),
      );
      client.release();
    }

    const states = async (): Promise<Record<string, string>> =>
      Object.fromEntries(
        (await storedAlerts(pool, { from: began - 1, to: began + 1 }, 100)).map(({ id, transition }) => [
          id,
          transition,
        ]),
      );

    it('keeps the last transition, in whatever order and however often they are stored', async () => {
      await store(raised('a'), returned('a'), cleared('a'), raised('b'));
      await store(returned('c'));
      await store(raised('c'));
      await store(raised('a'), returned('a'));
      assert.deepEqual(await states(), { a: 'CLEARED', b: 'RAISED', c: 'RETURNED_TO_NORMAL' });
      assert.deepEqual((await openAlerts(pool, 9)).map(({ id }) => id).sort(), ['b', 'c']);
    });

    it('finds the open alerts without reading all transitions', async () => {
      await pool.query(`
        INSERT INTO castwatch.alerts
        SELECT 'old-' || n, step, to_timestamp(n + step), 'E/S/A/L/S1', 'r', 'HIGH',
               CASE step WHEN 0 THEN 'RAISED' ELSE 'CLEARED' END, to_timestamp(n), 1, 1, 1, 'm', '[]', 'b', '{}', NULL, now()
          FROM generate_series(1, 5000) AS n, generate_series(0, 1) AS step`);
      await pool.query('ANALYZE castwatch.alert_states');
      for (const view of ['open_alerts', 'alert_current']) {
        const { rows } = await pool.query<{ 'QUERY PLAN': string }>(
          `EXPLAIN SELECT * FROM castwatch.${view} ORDER BY raised_at DESC LIMIT 100`,
        );
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        assert.match(plan, /Index Scan.* on alert_states/, plan);
        assert.doesNotMatch(plan, /Sort| on alerts/, plan);
      }
    });

    it('forgets what is over, and keeps what is open or new', async () => {
      await store(raised('old'), cleared('old'), raised('open'));
      await pool.query(`UPDATE castwatch.alerts SET stored_at = now() - interval '401 days'`);
      await store(raised('new'), cleared('new'));
      await pool.query(`CALL castwatch.forget_alerts('400 days')`);
      assert.deepEqual(await states(), { new: 'CLEARED', open: 'RAISED' });
      const { rows } = await pool.query<{ id: string }>(
        'SELECT DISTINCT id FROM castwatch.alerts ORDER BY id',
      );
      assert.deepEqual(
        rows.map(({ id }) => id),
        ['new', 'open'],
      );
    });
  });
}
