/** The sink while other sessions have locks. On PostgreSQL only, because PGlite serves one connection at a time. */
import { storedTopics } from '../../../../schemas/catalogue.ts';
import assert from 'node:assert/strict';
import pg from 'pg';
import { migrate } from '../../../../sinks/timescale/migrate.ts';
import { advancePositions, claim } from '../../../../sinks/timescale/writing/positions.ts';
import { begin } from '../../../../sinks/timescale/writing/store-batch.ts';
import type { TimescaleSink } from '../../../../sinks/timescale/writing/sink.ts';
import { startPostgres, withPool, type TestServer } from '../../support/databases.ts';
import { Plant, until } from '../../support/plant.ts';
import { makeRecords, type SinkRecord } from '../../support/records.ts';

describe('timescale sink with locks', function () {
  this.timeout(60_000);
  let server: TestServer;
  let plant: Plant;
  const sinks: TimescaleSink[] = [];

  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());
  beforeEach(async () => {
    const databaseUrl = await server.createDatabase();
    await migrate({ databaseUrl });
    plant = new Plant(server, databaseUrl);
  });
  afterEach(() => Promise.all(sinks.splice(0).map((sink) => sink.stop())));

  async function startSink(options: Parameters<Plant['sink']>[0] = {}): Promise<TimescaleSink> {
    const sink = await plant.sink(options);
    sinks.push(sink);
    return sink;
  }

  /** Publishes records whose table is locked, and waits until the sink waits for the lock. Releases the lock after `work`. */
  async function whileLocked(
    table: string,
    records: readonly SinkRecord[],
    work: () => Promise<void>,
  ): Promise<void> {
    await withPool(plant.databaseUrl, async (pool) => {
      await pool.query(`BEGIN; LOCK TABLE castwatch.${table} IN ACCESS EXCLUSIVE MODE`);
      await plant.publish(records);
      await until(`the sink to wait for ${table}`, async () => {
        const waiting = await pool.query(
          'SELECT FROM pg_locks WHERE NOT granted AND relation = $1::regclass',
          [`castwatch.${table}`],
        );
        return waiting.rowCount !== 0;
      });
      await work();
      await pool.query('ROLLBACK');
    });
  }

  it('takes over from an instance that froze in the middle of a batch with locked rows', async () => {
    const pool = new pg.Pool({ connectionString: plant.databaseUrl, max: 1 });
    pool.on('error', () => undefined);
    const frozen = await pool.connect();
    frozen.on('error', () => undefined);
    const taken = { topic: plant.names.features, partition: 1, start: 0 };
    await claim(frozen, 'sink', [taken]);
    await frozen.query(begin);
    await advancePositions(frozen, 'sink', [{ ...taken, from: 0, to: 5, epoch: 1 }]);
    await plant.publish(makeRecords('features', 0, 20));
    await plant.caughtUp(await startSink({ topics: ['features'] }), ['features']);
    await assert.rejects(frozen.query('COMMIT'));
    frozen.release(true);
    await pool.end();
    await plant.assertStored(makeRecords('features', 0, 20));
  });

  it('moves no position before its rows are there', async () => {
    const sink = await startSink({ topics: ['features'] });
    await until('the assignment', () => sink.health().partitions.length === 3);
    const before = await plant.positions();
    await whileLocked('features', makeRecords('features', 0, 20), async () => {
      assert.deepEqual(await plant.positions(), before);
    });
    await plant.caughtUp(sink, ['features']);
    await plant.assertStored(makeRecords('features', 0, 20));
  });

  it('stores alerts and predictions without waiting for readings', async () => {
    const sink = await startSink();
    await until('the assignment', () => sink.health().partitions.length === 3 * storedTopics.length);
    await whileLocked('validated_readings', makeRecords('validatedReadings', 0, 20), async () => {
      await plant.publish([...makeRecords('alerts', 0, 20), ...makeRecords('predictions', 0, 20)]);
      await plant.caughtUp(sink, ['alerts', 'predictions']);
      const { partitions } = sink.health();
      const readings = partitions.filter(({ topic }) => topic === plant.names.validatedReadings);
      assert.ok(readings.every(({ stored }) => stored === 0));
    });
    await plant.caughtUp(sink, ['validatedReadings']);
  });
});
