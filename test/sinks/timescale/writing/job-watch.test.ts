/** The sink says when TimescaleDB's jobs do not run. */
import assert from 'node:assert/strict';
import { migrate } from '../../../../sinks/timescale/migrate.ts';
import type { TimescaleSink } from '../../../../sinks/timescale/writing/sink.ts';
import { startPglite, withPool, type TestServer } from '../../support/databases.ts';
import { Plant, until } from '../../support/plant.ts';

describe("the watch on TimescaleDB's jobs", function () {
  this.timeout(60_000);
  let server: TestServer;
  let plant: Plant;
  let sink: TimescaleSink | undefined;

  before(async () => {
    server = await startPglite();
    const databaseUrl = await server.createDatabase();
    await migrate({ databaseUrl });
    plant = new Plant(server, databaseUrl);
  });
  after(() => server.stop());
  afterEach(() => sink?.stop());

  /** PGlite has no scheduler, and `run_job` keeps no result: so this writes what the scheduler would. */
  const setJobs = (assignment: string, procedure: string): Promise<number> =>
    withPool(plant.databaseUrl, async (pool) => {
      const { rowCount } = await pool.query(
        `UPDATE _timescaledb_internal.bgw_job_stat SET ${assignment}
          WHERE job_id IN (SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = $1)`,
        [procedure],
      );
      return rowCount ?? 0;
    });

  async function noticed(expected: number): Promise<readonly string[]> {
    let counted: number | undefined;
    const running = (sink = await plant.sink({
      topics: ['features'],
      observer: { jobsFailing: (jobs) => (counted = jobs) },
    }));
    await until('a look at the jobs', () => counted !== undefined);
    assert.equal(counted, expected);
    assert.equal(running.health().state, 'running');
    const { notices } = running.health();
    await running.stop();
    return notices;
  }

  it('names failing and overdue jobs, and is quiet when all run', async () => {
    assert.deepEqual(await noticed(0), []);
    const dropping = await setJobs(
      "last_start = now(), last_finish = now(), last_run_success = false, last_successful_finish = '-infinity'",
      'drop_old_chunks',
    );
    assert.ok(dropping > 1, `${dropping} jobs`);
    const failing = await noticed(dropping);
    assert.match(failing.join('; '), /job \d+ \(drop_old_chunks\) fails; its last success: never/);
    await setJobs('last_run_success = true', 'drop_old_chunks');
    await setJobs("next_start = now() - interval '2 hours'", 'forget_old_alerts');
    assert.match((await noticed(1)).join(), /forget_old_alerts.* is not started/);
  });
});
