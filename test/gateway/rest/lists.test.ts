/** Every list gives the rows of its table, as its part of the OpenAPI document says. */
import assert from 'node:assert/strict';
import pg from 'pg';
import { lists } from '../../../gateway/rest/lists.ts';
import { openStoredHistory, type StoredHistory } from '../../../gateway/stored-history.ts';
import { loadDefinition } from '../../../processes/load.ts';
import { storedTopics } from '../../../schemas/catalogue.ts';
import { migrate } from '../../../sinks/timescale/migrate.ts';
import { propertyOf } from '../../../sinks/timescale/tables/columns.ts';
import { tables } from '../../../sinks/timescale/tables/tables.ts';
import { loadRows } from '../../../sinks/timescale/writing/load-rows.ts';
import { silentLog } from '../../../stream/index.ts';
import { createLogger } from '../../../telemetry/log.ts';
import { startPostgres, type TestServer } from '../../sinks/support/databases.ts';
import { assetName, firstTime, makeRecords } from '../../sinks/support/records.ts';
import { memoryGateway, type MemoryGateway } from '../memory-gateway.ts';
import { get } from './api.ts';

const definition = loadDefinition('processes/casting.yaml');

describe('lists of tables, over PostgreSQL', function () {
  this.timeout(60_000);
  let server: TestServer;
  let databaseUrl: string;
  let stored: StoredHistory;
  let gateway: MemoryGateway;

  before(async () => {
    server = await startPostgres();
    databaseUrl = await server.createDatabase();
    await migrate({ databaseUrl, log: silentLog });
    stored = openStoredHistory(databaseUrl, definition, createLogger('test', 'silent'));
    gateway = await memoryGateway(definition, { history: stored.history });
  });
  after(async () => {
    await gateway.stop();
    await stored.close();
    await server.stop();
  });

  for (const { name, rows, schema, spec } of lists)
    it(`GET ${spec.path} gives rows of ${rows.table.name} by asset, span and limit, oldest first`, async () => {
      const topic = storedTopics.find((each) => tables[each].name === rows.table.name);
      assert.ok(topic, 'the table is of a topic');
      const all = makeRecords(topic, 0, 40).flatMap(({ value, timestamp }) => [
        ...tables[topic].rows(value as never, timestamp),
      ]);
      const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
      const client = await pool.connect();
      await loadRows(client, rows.table, all, 'insert');
      client.release();
      await pool.end();

      const asJson = all.map((row) =>
        Object.fromEntries(
          rows.columns.map((column) => {
            const cell = row[rows.table.columns.indexOf(column)] ?? null;
            return [propertyOf(column), column.type === 'json' ? JSON.parse(String(cell)) : cell];
          }),
        ),
      );
      const [asset, from, to] = [assetName(0), firstTime, firstTime + 30_000];
      const mine = JSON.parse(JSON.stringify(asJson)) as { asset: string; eventTime: number }[];
      const expected = mine.filter(
        (row) => row.asset === asset && row.eventTime >= from && row.eventTime < to,
      );
      const path = `${spec.path}?asset=${encodeURIComponent(asset)}&from=${from}&to=${to}`;

      const { status, body } = await get(gateway.gateway.url, path);
      assert.equal(status, 200);
      assert.ok(expected.length > 3);
      assert.deepEqual(body, { [name]: expected });
      const problem = schema.safeParse(body).error;
      assert.equal(problem, undefined, 'as the document says');
      const newest = await get(gateway.gateway.url, `${path}&limit=3`);
      assert.deepEqual(newest.body, { [name]: expected.slice(-3) });
    });
});
