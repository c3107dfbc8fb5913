/** Every list gives the rows of its table, as its part of the OpenAPI document says. */
import assert from 'node:assert/strict';
import pg from 'pg';
import { listRoute } from '../../../gateway/rest/list-route.ts';
import { lists } from '../../../gateway/rest/lists.ts';
import { openStoredHistory, type StoredHistory } from '../../../gateway/stored-history.ts';
import { loadDefinition } from '../../../processes/load.ts';
import { assetPaths } from '../../../processes/plant.ts';
import { storedTopics } from '../../../schemas/catalogue.ts';
import { migrate } from '../../../sinks/timescale/migrate.ts';
import type { Listed } from '../../../sinks/timescale/queries/rows.ts';
import { selection } from '../../../sinks/timescale/queries/selection.ts';
import { propertyOf, type Row } from '../../../sinks/timescale/columns/define-table.ts';
import { featuresTable } from '../../../sinks/timescale/tables/features.ts';
import { predictionsTable } from '../../../sinks/timescale/tables/predictions.ts';
import { tables } from '../../../sinks/timescale/tables/tables.ts';
import { loadRows } from '../../../sinks/timescale/writing/load-rows.ts';
import { silentLog } from '../../../stream/index.ts';
import { createLogger } from '../../../telemetry/log.ts';
import { startPostgres, type TestServer } from '../../sinks/support/databases.ts';
import { assetName, firstTime, makeRecords } from '../../sinks/support/records.ts';
import { memoryGateway, type MemoryGateway } from '../memory-gateway.ts';
import { get, post } from './api.ts';

/** The rows as the API gives them: JSON has no NaN. */
function asJson(
  { columns, table }: Listed,
  rows: readonly Row[],
): readonly { asset: string; eventTime: number }[] {
  const items = rows.map((row) =>
    Object.fromEntries(
      columns.map((column) => {
        const cell = row[table.columns.indexOf(column)] ?? null;
        return [
          propertyOf(column),
          column.type === 'json' && cell !== null ? JSON.parse(String(cell)) : cell,
        ];
      }),
    ),
  );
  return JSON.parse(JSON.stringify(items)) as { asset: string; eventTime: number }[];
}

const definition = loadDefinition('processes/casting.yaml');

describe('a list whose rows follow from the columns of its table', () => {
  const listed = { features: selection(featuresTable), predictions: selection(predictionsTable) };

  for (const topic of ['features', 'predictions'] as const)
    it(`states every row of ${topic} as it is`, () => {
      const rows: Listed = listed[topic];
      const { schema, spec } = listRoute({ name: 'someRows', id: 'x', summary: '', answer: 'Rows', rows });
      const all = makeRecords(topic, 0, 40).flatMap(({ value, timestamp }) => [
        ...tables[topic].rows(value as never, timestamp),
      ]);
      assert.equal(spec.path, '/v1/some-rows');
      const body = { someRows: asJson(rows, all) };
      assert.deepEqual(schema.safeParse(body), { success: true, data: body });
      assert.equal(schema.safeParse({ someRows: [{ asset: 'a', eventTime: 0 }] }).success, false);
    });
});

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

  const load = async (rows: Listed, all: readonly Row[]): Promise<void> => {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
    const client = await pool.connect();
    await loadRows(client, rows.table, all, 'insert');
    client.release();
    await pool.end();
  };

  it('gives MES events and labels as POST takes them', async () => {
    const [asset = ''] = assetPaths(definition);
    const at = { asset, eventTime: firstTime, source: 'line' };
    const sent = {
      mesEvents: [
        { ...at, sequence: 1, type: 'STARTED', level: 'heat', id: '4711', properties: { grade: 'X70' } },
        { ...at, sequence: 2, type: 'STARTED', level: 'slab', id: '1', properties: {} },
      ],
      qualityLabels: ['crack', null].map((defect, n) => ({
        ...at,
        ...{ until: firstTime + 60_000, foundAt: firstTime + 90_000 + n, target: definition.target.id },
        ...{ value: defect === null ? 0 : 1, defect, piece: { heat: '4711' } },
      })),
    };
    for (const topic of ['mesEvents', 'qualityLabels'] as const) {
      const list = lists.find(({ name }) => name === topic);
      assert.ok(list);
      const all = sent[topic].flatMap((one) => [...tables[topic].rows(one as never, firstTime)]);
      await load(list.rows, all);
      const { body } = await get(gateway.gateway.url, `${list.spec.path}?asset=${encodeURIComponent(asset)}`);
      const items = body[topic];
      assert.deepEqual(items, sent[topic]);
      const again = await post(gateway.gateway.url, list.spec.path, items);
      assert.deepEqual([again.status, again.body['rejected']], [202, []]);
    }
  });

  for (const { name, rows, schema, spec } of lists)
    it(`GET ${spec.path} gives rows of ${rows.table.name} by asset, span and limit, oldest first`, async () => {
      const topic = storedTopics.find((each) => tables[each].name === rows.table.name);
      assert.ok(topic, 'the table is of a topic');
      const all = makeRecords(topic, 0, 40).flatMap(({ value, timestamp }) => [
        ...tables[topic].rows(value as never, timestamp),
      ]);
      await load(rows, all);

      const [asset, from, to] = [assetName(0), firstTime, firstTime + 30_000];
      const expected = asJson(rows, all).filter(
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
