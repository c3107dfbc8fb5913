/** Migrations, roles, and what TimescaleDB does with the tables. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type pg from 'pg';
import { loadDefinition } from '../../../processes/load.ts';
import { serverKind } from '../../../sinks/timescale/database-connection.ts';
import { sqlTypes } from '../../../sinks/timescale/sql.ts';
import { loadRows } from '../../../sinks/timescale/writing/load-rows.ts';
import { migrate } from '../../../sinks/timescale/migrate.ts';
import { tables } from '../../../sinks/timescale/tables/tables.ts';
import { CastwatchError } from '../../../base/errors.ts';
import { asUser, startPglite, startPostgres, withPool, type TestServer } from '../support/databases.ts';
import { Plant } from '../support/plant.ts';
import { assetName, firstTime, makeRecords } from '../support/records.ts';

async function store(databaseUrl: string, from: number, to: number): Promise<void> {
  await withPool(databaseUrl, async (pool) => {
    const client = await pool.connect();
    for (const topic of ['validatedReadings', 'predictions'] as const) {
      const rows = makeRecords(topic, from, to).flatMap(({ value, timestamp }) => [
        ...tables[topic].rows(value as never, timestamp),
      ]);
      await loadRows(client, tables[topic], rows, 'insert');
    }
    client.release();
  });
}

const one = async <T extends pg.QueryResultRow>(databaseUrl: string, sql: string): Promise<T> =>
  withPool(databaseUrl, async (pool) => {
    const { rows } = await pool.query<T>(sql);
    assert.ok(rows[0], `no row: ${sql}`);
    return rows[0];
  });

interface FoundColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

/** A table's columns by name without those that the database fills, and its primary key in order. */
async function columnsIn(pool: pg.Pool, table: string): Promise<{ columns: FoundColumn[]; key: string[] }> {
  const name = `castwatch."${table}"`;
  const { rows: columns } = await pool.query<FoundColumn>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS nullable
       FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND NOT atthasdef
      ORDER BY attname COLLATE "C"`,
    [name],
  );
  const { rows: key } = await pool.query<{ name: string }>(
    `SELECT attname AS name FROM pg_index, unnest(indkey) WITH ORDINALITY AS k (attnum, place)
       JOIN pg_attribute ON attrelid = $1::regclass AND pg_attribute.attnum = k.attnum
      WHERE indrelid = $1::regclass AND indisprimary ORDER BY place`,
    [name],
  );
  return { columns, key: key.map((column) => column.name) };
}

/** The migrations of a folder, in their order. */
const migrationsIn = (folder: string): readonly string[] =>
  readdirSync(join(import.meta.dirname, '../../../sinks/timescale/migrations', folder))
    .sort()
    .map((file) => `${folder}/${basename(file, '.sql')}`);

for (const [name, start] of [
  ['PostgreSQL', startPostgres],
  ['TimescaleDB (PGlite)', startPglite],
] as const) {
  describe(`migrating ${name}`, function () {
    this.timeout(60_000);
    let server: TestServer;
    let databaseUrl: string;

    before(async () => {
      server = await start();
      databaseUrl = await server.createDatabase();
    });
    after(() => server.stop());

    it('creates everything once, and nothing the second time', async () => {
      const first = await migrate({ databaseUrl });
      assert.deepEqual(first, {
        kind: server.kind,
        applied: [...migrationsIn('tables'), ...migrationsIn(server.kind)],
        roles: true,
      });
      assert.deepEqual((await migrate({ databaseUrl })).applied, []);
      assert.equal(await withPool(databaseUrl, serverKind), server.kind);
    });

    for (const table of Object.values(tables))
      it(`has the columns of ${table.name} as they are defined`, async () => {
        const stated = table.columns.map(({ name: column, type, nullable }) => ({
          name: column,
          type: sqlTypes[type],
          nullable,
        }));
        const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
        const found = await withPool(databaseUrl, (pool) => columnsIn(pool, table.name));
        assert.deepEqual(found.columns, stated.sort(byName));
        assert.deepEqual(
          found.key,
          table.columns.slice(0, table.keyLength).map(({ name: column }) => column),
        );
      });

    it('keeps aggregates of the same names and columns on both kinds of server', async () => {
      await store(databaseUrl, 0, 300);
      const readings = await one<{ scans: string; repaired: string }>(
        databaseUrl,
        `SELECT sum(scans) AS scans, sum(repaired) AS repaired FROM castwatch.readings_1m WHERE asset = '${assetName(0)}' AND tag = 'Level'`,
      );
      assert.equal(Number(readings.scans), Math.ceil(300 / 7));
      const predictions = await one<{ predictions: string; max_probability: number }>(
        databaseUrl,
        'SELECT sum(predictions) AS predictions, max(max_probability) AS max_probability FROM castwatch.predictions_5m',
      );
      assert.equal(Number(predictions.predictions), 300);
      assert.ok(predictions.max_probability > 0.5);
    });

    it('makes the same buckets of time', async () => {
      const { bucket } = await one<{ bucket: Date }>(
        databaseUrl,
        "SELECT time_bucket(interval '1 week', timestamptz '2026-01-15 08:00Z') AS bucket",
      );
      assert.equal(bucket.toISOString(), '2026-01-12T00:00:00.000Z');
    });

    it('stores tags and features by name, as in the definition', async () => {
      const definition = loadDefinition('processes/casting.yaml');
      await migrate({ databaseUrl, definitions: [definition] });
      await migrate({ databaseUrl, definitions: [definition] });
      const { count } = await one<{ count: number }>(databaseUrl, 'SELECT count(*)::int FROM castwatch.tags');
      assert.equal(count, definition.tags.length);
      const { names } = await one<{ names: string[] }>(
        databaseUrl,
        'SELECT names FROM castwatch.feature_sets',
      );
      assert.ok(names.length > definition.tags.length);
    });
  });
}

describe('migrating, on PostgreSQL', function () {
  this.timeout(60_000);
  let server: TestServer;

  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  it('can be done by several instances at once', async () => {
    const databaseUrl = await server.createDatabase();
    const results = await Promise.all([1, 2, 3].map(() => migrate({ databaseUrl })));
    const migrations = [...migrationsIn('tables'), ...migrationsIn(server.kind)];
    assert.deepEqual(
      results.flatMap(({ applied }) => applied),
      migrations,
    );
    assert.equal(results.filter(({ applied }) => applied.length > 0).length, 1, 'one does it all');
  });

  it('says what to do when the user lacks rights, and when the server is unreachable', async () => {
    const databaseUrl = await server.createDatabase();
    await withPool(databaseUrl, (pool) => pool.query("CREATE ROLE stranger LOGIN PASSWORD 'x'"));
    const stranger = asUser(databaseUrl, 'stranger', 'x');
    await assert.rejects(
      migrate({ databaseUrl: stranger }),
      (error) => error instanceof CastwatchError && error.code === 'DATABASE_REFUSED',
    );
    await assert.rejects(
      migrate({ databaseUrl: 'postgres://postgres:wrong@127.0.0.1:1/x' }),
      (error) =>
        error instanceof CastwatchError &&
        error.code === 'DATABASE_UNAVAILABLE' &&
        /reachable/.test(error.remedy ?? ''),
    );
  });

  it('lets a writer store, a reader read, and neither do more', async () => {
    const databaseUrl = await server.createDatabase();
    await migrate({ databaseUrl });
    await withPool(databaseUrl, (pool) =>
      pool.query(
        "CREATE ROLE clerk LOGIN PASSWORD 'x'; GRANT castwatch_writer TO clerk; CREATE ROLE guest LOGIN PASSWORD 'x'; GRANT castwatch_reader TO guest",
      ),
    );
    const plant = new Plant(server, asUser(databaseUrl, 'clerk', 'x'));
    await plant.publish(makeRecords('validatedReadings', 0, 50));
    const sink = await plant.sink();
    await plant.caughtUp(sink);
    await sink.stop();
    await withPool(plant.databaseUrl, async (pool) => {
      await assert.rejects(pool.query('DELETE FROM castwatch.validated_readings'), /permission denied/);
      await assert.rejects(
        pool.query('UPDATE castwatch.validated_readings SET value = 0'),
        /permission denied/,
      );
      await assert.rejects(pool.query('CREATE TABLE castwatch.mine ()'), /permission denied/);
    });
    await withPool(asUser(databaseUrl, 'guest', 'x'), async (pool) => {
      assert.equal((await pool.query('SELECT FROM castwatch.readings_1m')).rowCount !== 0, true);
      await assert.rejects(pool.query('DELETE FROM castwatch.sink_offsets'), /permission denied/);
      await assert.rejects(
        pool.query("INSERT INTO castwatch.feature_sets VALUES ('a', 'b', '{}')"),
        /permission denied/,
      );
    });
  });

  it('is required by a sink that finds no tables', async () => {
    const plant = new Plant(server, await server.createDatabase());
    await assert.rejects(
      plant.sink(),
      (error) =>
        error instanceof CastwatchError &&
        error.code === 'DATABASE_REFUSED' &&
        /castwatch migrate/.test(error.remedy ?? ''),
    );
  });
});

describe('time series, on TimescaleDB (PGlite)', function () {
  this.timeout(60_000);
  let server: TestServer;
  let databaseUrl: string;

  before(async () => {
    server = await startPglite();
    databaseUrl = await server.createDatabase();
    await migrate({ databaseUrl });
  });
  after(() => server.stop());

  const jobs = async (procedure: string): Promise<number[]> =>
    withPool(databaseUrl, async (pool) => {
      const { rows } = await pool.query<{ job_id: number }>(
        'SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = $1 ORDER BY job_id',
        [procedure],
      );
      return rows.map(({ job_id }) => job_id);
    });

  const runJobs = async (procedure: string): Promise<void> => {
    for (const job of await jobs(procedure))
      await withPool(databaseUrl, (pool) => pool.query(`CALL run_job(${job})`));
  };

  const countIn = async (view: string, column: string): Promise<number> => {
    const { n } = await one<{ n: string }>(
      databaseUrl,
      `SELECT coalesce(sum(${column}), 0) AS n FROM castwatch.${view}`,
    );
    return Number(n);
  };

  it('has policies for compression, retention and refreshing', async () => {
    assert.equal((await jobs('policy_compression')).length, 4);
    assert.equal((await jobs('drop_old_chunks')).length, 3);
    assert.equal((await jobs('policy_refresh_continuous_aggregate')).length, 2);
  });

  it('shows a backfill into old chunks in the aggregates after the next refresh', async () => {
    await store(databaseUrl, 0, 600);
    await runJobs('policy_refresh_continuous_aggregate');
    assert.equal(await countIn('predictions_5m', 'predictions'), 600);
    // In the chunk of the day before.
    await store(databaseUrl, -30_000, -29_700);
    await runJobs('policy_refresh_continuous_aggregate');
    assert.equal(await countIn('predictions_5m', 'predictions'), 900);
    assert.equal(await countIn('readings_1m', 'scans'), 900 * 3);
  });

  it('stores new rows into compressed chunks, and skips existing rows', async () => {
    const { chunks } = await one<{ chunks: number }>(
      databaseUrl,
      "SELECT count(compress_chunk(chunk))::int AS chunks FROM show_chunks('castwatch.validated_readings') AS chunk",
    );
    assert.ok(chunks >= 2);
    await store(databaseUrl, 500, 700);
    const { n } = await one<{ n: number }>(
      databaseUrl,
      `SELECT count(*)::int AS n FROM castwatch.validated_readings WHERE event_time >= to_timestamp(${firstTime / 1000})`,
    );
    assert.equal(n, 700 * 3);
  });

  it('compresses and drops by the age of chunks, so replayed history stays', async () => {
    await runJobs('drop_old_chunks');
    await runJobs('policy_compression');
    assert.equal(await countIn('predictions_5m', 'predictions'), 1_000);
  });

  it('compresses and drops chunks that were made long ago', async () => {
    await withPool(databaseUrl, (pool) =>
      pool.query(
        "UPDATE _timescaledb_catalog.chunk SET creation_time = now() - interval '401 days' WHERE NOT dropped",
      ),
    );
    await runJobs('policy_compression');
    const { compressed } = await one<{ compressed: number }>(
      databaseUrl,
      "SELECT count(*)::int AS compressed FROM timescaledb_information.chunks WHERE is_compressed AND hypertable_name = 'predictions'",
    );
    assert.ok(compressed > 0);
    await runJobs('drop_old_chunks');
    const { n } = await one<{ n: number }>(
      databaseUrl,
      'SELECT count(*)::int AS n FROM castwatch.validated_readings',
    );
    assert.equal(n, 0);
    assert.equal(await countIn('predictions_5m', 'predictions'), 1_000);
  });
});
