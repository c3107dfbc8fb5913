/** Where TimescaleDB is installed, and which tables are not cut by time. */
import assert from 'node:assert/strict';
import type pg from 'pg';
import { storeOddTimes } from '../../../bench/measuring/store-odd-times.ts';
import { migrate } from '../../../sinks/timescale/migrate.ts';
import { startPglite, withPool, type TestServer } from '../support/databases.ts';

describe('the extension TimescaleDB (PGlite)', function () {
  this.timeout(60_000);
  let server: TestServer;
  let databaseUrl: string;

  before(async () => {
    server = await startPglite();
    databaseUrl = await server.createDatabase();
    // The path of a user named castwatch. PGlite has one session, so the path stays.
    await run('SET search_path = castwatch, public');
    await migrate({ databaseUrl });
  });
  after(() => server.stop());

  const run = (sql: string): Promise<unknown> => withPool(databaseUrl, (pool) => pool.query(sql));

  const one = <T extends pg.QueryResultRow>(sql: string): Promise<T> =>
    withPool(databaseUrl, async (pool) => {
      const { rows } = await pool.query<T>(sql);
      assert.ok(rows[0], `no row: ${sql}`);
      return rows[0];
    });

  it('lands in schema public, also when the user has the name of our schema', async () => {
    const { path } = await one<{ path: string }>("SELECT current_setting('search_path') AS path");
    assert.equal(path, 'castwatch, public');
    const { place } = await one<{ place: string }>(
      "SELECT extnamespace::regnamespace::text AS place FROM pg_extension WHERE extname = 'timescaledb'",
    );
    assert.equal(place, 'public');
  });

  it('stores findings about any event times without a chunk for each, and forgets them 90 days after they came', async () => {
    const count = async (): Promise<number> =>
      (await one<{ n: number }>('SELECT count(*)::int AS n FROM castwatch.rejected_readings')).n;
    const forget = async (): Promise<unknown> => {
      const { job } = await one<{ job: number }>(
        "SELECT job_id AS job FROM timescaledb_information.jobs WHERE proc_name = 'forget_rejected_readings'",
      );
      return run(`CALL run_job(${job})`);
    };
    await run(`
      INSERT INTO castwatch.rejected_readings
             (asset, event_time, source, sequence, input_partition, input_offset, ordinal, dropped, reason, treatment, detail)
      SELECT 'a', timestamptz '1999-01-01Z' + n * interval '7 days', 's', n, 0, n, 0, true, 'LATE', 'DROPPED', 'late'
        FROM generate_series(1, 500) AS n`);
    const { chunks } = await one<{ chunks: number }>(
      "SELECT count(*)::int AS chunks FROM timescaledb_information.chunks WHERE hypertable_name = 'rejected_readings'",
    );
    assert.equal(chunks, 0);
    await forget();
    assert.equal(await count(), 500);
    await run(
      "UPDATE castwatch.rejected_readings SET stored_at = now() - interval '91 days' WHERE sequence > 100",
    );
    await forget();
    assert.equal(await count(), 100);
  });

  it('has chunks only for what is cut by event time, in the reproduction that runs on any server', async () => {
    const outcome = await storeOddTimes({
      ...{ databaseUrl: await server.createDatabase(), load: server.load, connections: 1 },
      ...{ rejected: 300, validated: 20, good: 64, timeout: 50_000, say: () => undefined },
    });
    assert.deepEqual(outcome, {
      ...{ seconds: outcome.seconds, failures: 0, splits: 0 },
      // One for each validated reading, and one for the good rows, which lie close together.
      ...{ server: 'timescaledb', complete: true, deadLetters: 0, chunks: 21 },
      rows: { rejected: 300, validated: 20, good: 64 },
    });
  });
});
