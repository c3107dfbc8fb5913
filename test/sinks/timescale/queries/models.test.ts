/** The table of the model registry: rows are only added, and queries say which model was live. */
import assert from 'node:assert/strict';
import { loadRows } from '../../../../sinks/timescale/writing/load-rows.ts';
import { migrate } from '../../../../sinks/timescale/migrate.ts';
import { modelLive, pairedRows } from '../../../../sinks/timescale/queries/models.ts';
import type { StoredTopic } from '../../../../schemas/catalogue.ts';
import { tables } from '../../../../sinks/timescale/tables/tables.ts';
import type { ValueOf } from '../../../../schemas/values.ts';
import { asUser, startPglite, startPostgres, withPool, type TestServer } from '../../support/databases.ts';
import { assetName, firstTime, makeRecord } from '../../support/records.ts';

const asset = assetName(0);

async function store<T extends StoredTopic>(
  databaseUrl: string,
  topic: T,
  changes: readonly Partial<ValueOf<T>>[],
): Promise<void> {
  await withPool(databaseUrl, async (pool) => {
    const client = await pool.connect();
    const rows = changes.flatMap((change) => [
      ...tables[topic].rows({ ...makeRecord(topic, 1).value, ...change }, firstTime),
    ]);
    await loadRows(client, tables[topic], rows, 'insert');
    client.release();
  });
}

for (const [name, start] of [
  ['PostgreSQL', startPostgres],
  ['TimescaleDB (PGlite)', startPglite],
] as const) {
  describe(`models on ${name}`, function () {
    this.timeout(60_000);
    let server: TestServer;
    let databaseUrl: string;

    before(async () => {
      server = await start();
      databaseUrl = await server.createDatabase();
      await migrate({ databaseUrl });
      await store(databaseUrl, 'models', [
        { sequence: 1, role: 'CHAMPION', bundle: 'b1', by: 'castwatch', why: 'shipped default' },
        { sequence: 2, role: 'CHAMPION', bundle: 'b2', by: 'Ada', why: 'fewer misses' },
        { sequence: 3, role: 'CHALLENGER', bundle: 'b3', by: 'Bob', why: 'to be watched' },
        {
          sequence: 4,
          role: 'CHAMPION',
          bundle: 'b1',
          action: 'ROLLED_BACK',
          by: 'Eve',
          why: 'false alarms',
        },
      ]);
      const at = (minute: number) => ({ asset, eventTime: firstTime + 60_000 * minute });
      await store(databaseUrl, 'predictions', [
        { ...at(0), bundle: 'b1', modelEntry: 1, probability: 0.1 },
        { ...at(5), bundle: 'b2', modelEntry: 2, probability: 0.2 },
        { ...at(6), bundle: 'b2', modelEntry: 2, probability: 0.3 },
        { ...at(10), bundle: 'b1', modelEntry: 4, probability: 0.4 },
      ]);
      await store(
        databaseUrl,
        'shadowPredictions',
        [0, 5, 6, 10].map((minute) => ({ ...at(minute), bundle: 'b3', probability: 0.9 })),
      );
    });
    after(() => server.stop());

    it('says which model was live, who promoted it, and why, at every time', async () => {
      await withPool(databaseUrl, async (pool) => {
        const live = async (minute: number) => modelLive(pool, asset, firstTime + 60_000 * minute);
        const told = async (minute: number) => {
          const { bundle, sequence, by, why } = (await live(minute)) ?? {};
          return [bundle, sequence, by, why];
        };
        assert.equal(await live(-1), undefined);
        assert.deepEqual(await told(3), ['b1', 1, 'castwatch', 'shipped default']);
        assert.deepEqual(await told(9), ['b2', 2, 'Ada', 'fewer misses']);
        assert.deepEqual(await told(99), ['b1', 4, 'Eve', 'false alarms']);
        const { predictedAt } = (await live(9)) ?? {};
        assert.equal(predictedAt, new Date(firstTime + 6 * 60_000).toISOString());
        const { rows } = await pool.query('SELECT role, bundle FROM castwatch.model_current ORDER BY role');
        assert.deepEqual(rows, [
          { role: 'CHALLENGER', bundle: 'b3' },
          { role: 'CHAMPION', bundle: 'b1' },
        ]);
      });
    });

    it('pairs the answers of champion and challenger with the newest label of the span', async () => {
      const span = { asset, target: 'defect', eventTime: firstTime, until: firstTime + 5 * 60_000 };
      await store(databaseUrl, 'qualityLabels', [
        { ...span, value: 0, foundAt: firstTime + 1 },
        { ...span, value: 1, foundAt: firstTime + 2 },
      ]);
      const pairing = { target: 'defect', champion: 'b2', candidate: 'b3', since: 0, level: 'batch' };
      await withPool(databaseUrl, async (pool) => {
        // The row at minute 6 ends after the span.
        const [row, ...others] = await pairedRows(pool, pairing);
        assert.deepEqual(others, []);
        assert.deepEqual([row?.label, row?.champion, row?.candidate, row?.group], [1, 0.2, 0.9, 'H4711']);
        assert.equal((await pairedRows(pool, { ...pairing, since: firstTime + 6 * 60_000 })).length, 0);
        const [byHour] = await pairedRows(pool, { ...pairing, level: undefined });
        assert.match(byHour?.group ?? '', /cell0/);
      });
    });

    it('refuses changes by any user', async () => {
      await withPool(databaseUrl, async (pool) => {
        for (const sql of [
          "UPDATE castwatch.models SET why = 'another'",
          'DELETE FROM castwatch.models',
          'TRUNCATE castwatch.models',
        ])
          await assert.rejects(pool.query(sql), /only ever added to/, sql);
        const { rowCount } = await pool.query('SELECT FROM castwatch.models');
        assert.equal(rowCount, 4);
      });
    });

    it('accepts an existing entry again', async () => {
      await store(databaseUrl, 'models', [{ sequence: 2, role: 'CHAMPION', bundle: 'other' }]);
      await withPool(databaseUrl, async (pool) => {
        const { rows } = await pool.query('SELECT bundle FROM castwatch.models WHERE sequence = 2');
        assert.deepEqual(rows, [{ bundle: 'b2' }]);
      });
    });

    if (name !== 'PostgreSQL') return;

    it('gives the sink only the right to add rows', async () => {
      await withPool(databaseUrl, (pool) =>
        pool.query("CREATE ROLE scribe LOGIN PASSWORD 'x'; GRANT castwatch_writer TO scribe"),
      );
      const asScribe = asUser(databaseUrl, 'scribe', 'x');
      await store(asScribe, 'models', [{ sequence: 5, role: 'SHADOW', bundle: 'b5' }]);
      await withPool(asScribe, async (pool) => {
        for (const sql of [
          "UPDATE castwatch.models SET why = 'another'",
          'DELETE FROM castwatch.models',
          'TRUNCATE castwatch.models',
          'ALTER TABLE castwatch.models DISABLE TRIGGER ALL',
        ])
          await assert.rejects(pool.query(sql), /permission denied|must be owner/, sql);
      });
    });
  });
}
