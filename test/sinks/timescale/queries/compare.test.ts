import assert from 'node:assert/strict';
import { TableComparison, expectedRows } from '../../../../sinks/timescale/queries/compare.ts';
import { tables } from '../../../../sinks/timescale/tables/tables.ts';
import { loadRows } from '../../../../sinks/timescale/writing/load-rows.ts';
import { migrate } from '../../../../sinks/timescale/migrate.ts';
import { startPostgres, withPool, type TestServer } from '../../support/databases.ts';
import { makeRecord, makeRecords } from '../../support/records.ts';

describe('comparing tables with the expected rows', function () {
  this.timeout(60_000);
  let server: TestServer;
  let databaseUrl: string;

  before(async () => {
    server = await startPostgres();
    databaseUrl = await server.createDatabase();
    await migrate({ databaseUrl });
    await withPool(databaseUrl, async (pool) => {
      const client = await pool.connect();
      for (const { value, timestamp } of makeRecords('predictions', 0, 6_000))
        await loadRows(client, tables.predictions, tables.predictions.rows(value, timestamp), 'insert');
      client.release();
    });
  });
  after(() => server.stop());

  const compare = (comparison: TableComparison) =>
    withPool(databaseUrl, async (pool) => {
      const [difference] = await comparison.compare(pool, ['predictions']);
      assert.ok(difference);
      return difference;
    });

  it('finds no difference between equal rows, in any order of expectation', async () => {
    const comparison = new TableComparison();
    for (const { value } of makeRecords('predictions', 0, 6_000).reverse())
      comparison.expect('predictions', value);
    const { examples, ...counts } = await compare(comparison);
    assert.deepEqual(counts, {
      table: 'predictions',
      expected: 6_000,
      stored: 6_000,
      missing: 0,
      unexpected: 0,
      different: 0,
    });
    assert.deepEqual(examples, []);
  });

  it('distinguishes missing, unexpected and different rows, with examples', async () => {
    const comparison = new TableComparison();
    for (const { value } of makeRecords('predictions', 2, 6_001)) comparison.expect('predictions', value);
    const other = makeRecord('predictions', 7_000).value;
    comparison.expect('predictions', { ...makeRecord('predictions', 0).value, probability: 0.123 });
    comparison.expect('predictions', other);
    comparison.expect('predictions', other);
    const { missing, unexpected, different, examples } = await compare(comparison);
    assert.deepEqual({ missing, unexpected, different }, { missing: 2, unexpected: 1, different: 1 });
    assert.equal(comparison.repeated('predictions'), 1);
    assert.deepEqual(examples.map((example) => example.split(' ')[0]).sort(), [
      'different',
      'missing',
      'missing',
      'unexpected',
    ]);
  });

  it('notices the last bit of a number', async () => {
    const comparison = new TableComparison();
    for (const { value } of makeRecords('predictions', 0, 6_000)) comparison.expect('predictions', value);
    await withPool(databaseUrl, (pool) =>
      pool.query(
        "UPDATE castwatch.predictions SET lower = lower + 5.6e-17 WHERE lower BETWEEN 0.3 AND 0.4 AND event_time < (SELECT min(event_time) + interval '30 s' FROM castwatch.predictions)",
      ),
    );
    assert.ok((await compare(comparison)).different > 0);
  });

  it('leaves out the time of publication', () => {
    const { value } = makeRecord('predictions', 1);
    assert.equal(expectedRows('predictions', value)[0]?.length, tables.predictions.columns.length - 1);
  });
});
