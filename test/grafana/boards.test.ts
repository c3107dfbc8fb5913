/** Every query of every board runs on both kinds of server, returns rows, and returns the columns that its panel needs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { parse } from 'yaml';
import type { Dashboard, Format } from '../../grafana/dashboard.ts';
import { datasource, toJson } from '../../grafana/dashboard.ts';
import { boards, generateBoards } from '../../grafana/generate.ts';
import { loadRows } from '../../sinks/timescale/writing/load-rows.ts';
import { migrate } from '../../sinks/timescale/migrate.ts';
import { storedTopics } from '../../schemas/catalogue.ts';
import { tables } from '../../sinks/timescale/tables/tables.ts';
import { startPglite, startPostgres, type TestServer } from '../sinks/support/databases.ts';
import { assetName, firstTime, makeRecords, tagNames } from '../sinks/support/records.ts';
import { expand, type Range, type Values } from './macros.ts';

const seconds = 1_800;
const times = { from: new Date(firstTime), to: new Date(firstTime + seconds * 1000) };
const values: Values = { process: ['plant'], asset: [assetName(0)], group: ['Flows', "Operator's"] };

/** The server's ids of column types. */
const TIMESTAMPTZ: number = pg.types.builtins.TIMESTAMPTZ;
const TEXT: number = pg.types.builtins.TEXT;
const { INT4, INT8, FLOAT4, FLOAT8, NUMERIC } = pg.types.builtins;
const numbers: readonly number[] = [INT4, INT8, FLOAT4, FLOAT8, NUMERIC];

interface Question {
  readonly title: string;
  readonly sql: string;
  readonly format: Format | 'variable' | 'annotation';
}

const questions = (board: Dashboard): Question[] => [
  ...board.variables.map(({ name, sql }): Question => ({
    title: `variable ${name}`,
    sql,
    format: 'variable',
  })),
  ...board.annotations.map(({ name, sql }): Question => ({
    title: `annotation ${name}`,
    sql,
    format: 'annotation',
  })),
  ...board.sections.flatMap(({ panels }) =>
    panels.map(({ title, query }): Question => ({ title: `panel ${title}`, ...query })),
  ),
];

function assertShape({ format, title }: Question, fields: readonly pg.FieldDef[]): void {
  const type = (name: string): number | undefined => fields.find((field) => field.name === name)?.dataTypeID;
  if (format === 'variable')
    assert.deepEqual(
      fields.map(({ dataTypeID }) => dataTypeID),
      [TEXT],
    );
  if (format === 'annotation') {
    assert.deepEqual(
      fields.map(({ name }) => name),
      ['time', 'timeend', 'text', 'tags'],
    );
    assert.deepEqual(
      fields.map(({ dataTypeID }) => dataTypeID),
      [TIMESTAMPTZ, TIMESTAMPTZ, TEXT, TEXT],
    );
  }
  if (format === 'time_series') {
    const time = type('time');
    assert.ok(
      time !== undefined && (time === TIMESTAMPTZ || numbers.includes(time)),
      `${title}: no time column`,
    );
    const metric = type('metric');
    assert.ok(metric === undefined || metric === TEXT, `${title}: metric is not text`);
    const measured = fields.filter(({ name }) => name !== 'time' && name !== 'metric');
    assert.ok(measured.length > 0);
    for (const { name, dataTypeID } of measured)
      assert.ok(numbers.includes(dataTypeID), `${title}: ${name} is no number`);
    // Alongside a metric, Grafana takes one number.
    if (metric !== undefined) assert.equal(measured.length, 1);
  }
}

describe('boards', () => {
  it('are committed exactly as they are generated', async () => {
    assert.deepEqual(await generateBoards({ check: true }), { written: [], problems: [] });
  });

  it('ask only the provisioned data source, and have unique ids and places', () => {
    const provisioned = parse(readFileSync('grafana/provisioning/datasources/castwatch.yaml', 'utf8')) as {
      datasources: { uid: string; type: string }[];
    };
    assert.deepEqual(
      provisioned.datasources.map(({ uid, type }) => ({ uid, type })),
      [datasource],
    );
    for (const board of Object.values(boards)) {
      const { panels } = toJson(board) as {
        panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
      };
      assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, i) => `${x + (i % w)}/${y + Math.floor(i / w)}`),
      );
      assert.equal(new Set(cells).size, cells.length, 'panels overlap');
      assert.ok(panels.every(({ gridPos: { x, w } }) => x + w <= 24));
    }
  });
});

for (const [name, start] of [
  ['PostgreSQL', startPostgres],
  ['TimescaleDB (PGlite)', startPglite],
] as const) {
  describe(`board queries on ${name}`, function () {
    this.timeout(60_000);
    let server: TestServer;
    let pool: pg.Pool;

    before(async () => {
      server = await start();
      const databaseUrl = await server.createDatabase();
      await migrate({ databaseUrl });
      pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
      pool.on('error', () => undefined);
      const client = await pool.connect();
      for (const topic of storedTopics) {
        // One less than a multiple of three: the last alarm is still open.
        const rows = makeRecords(topic, 0, seconds - 1).flatMap(({ value, timestamp }) => [
          ...tables[topic].rows(value as never, timestamp),
        ]);
        await loadRows(client, tables[topic], rows, 'insert');
      }
      await client.query(
        `INSERT INTO castwatch.tags (process, tag, position, title, unit, "group", normal_low, normal_high)
         SELECT 'plant', tag, position::int, 'Title of ' || tag, 'mm', CASE position WHEN 3 THEN 'Flows' ELSE 'Operator''s' END, 0, 1
           FROM unnest($1::text[]) WITH ORDINALITY AS t (tag, position)`,
        [tagNames],
      );
      client.release();
    });
    after(async () => {
      await pool.end();
      await server.stop();
    });

    const ask = (question: Question, range: Range, on: pg.Pool | pg.PoolClient = pool) =>
      on.query<unknown[]>({ text: expand(question.sql, range, values), rowMode: 'array' });

    for (const [id, board] of Object.entries(boards)) {
      for (const question of questions(board)) {
        it(`${id}: ${question.title}`, async () => {
          for (const interval of [5, 60]) {
            const { rows, fields } = await ask(question, { ...times, interval });
            assert.ok(rows.length > 0, `no rows at ${interval} s`);
            assert.ok(
              rows.some((row) => row.every((cell) => cell !== null)) || question.format === 'table',
              'a column without a value',
            );
            assertShape(question, fields);
          }
          // An empty time range is not an error.
          await ask(question, { from: new Date(0), to: new Date(1), interval: 5 });
        });
      }
    }

    const number = async (title: string, on?: pg.PoolClient): Promise<number> => {
      const question =
        boards['line-overview'] &&
        questions(boards['line-overview']).find((candidate) => candidate.title === `panel ${title}`);
      assert.ok(question, title);
      const { rows } = await ask(question, { ...times, interval: 5 }, on);
      return Number(rows[0]?.[0]);
    };

    it('counts each reading that a later step refused, although these have no position', async () => {
      const before = await number('Readings refused');
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        await client.query(`UPDATE castwatch.rejected_readings SET input_partition = -1, input_offset = -1`);
        assert.equal(await number('Readings refused', client), before);
      } finally {
        await client.query('ROLLBACK');
        client.release();
      }
    });

    it('counts scans, predictions, open alarms and refused readings', async () => {
      assert.ok(Math.abs((await number('Scans per second')) - 1) < 0.01);
      assert.ok(Math.abs((await number('Predictions per minute')) - 60) < 0.5);
      assert.equal(await number('Open alarms'), 1);
      // Half of the rejected readings were dropped.
      assert.ok(Math.abs((await number('Readings refused')) - 1 / 3) < 0.01);
      assert.ok(Math.abs((await number('Predictions not OK')) - 0.05) < 0.001);
      assert.ok((await number('Latency p99')) > 0);
    });

    it('returns the same means from readings and from aggregates', async () => {
      const question =
        boards['line-overview'] &&
        questions(boards['line-overview']).find(({ title }) => title === 'panel $group');
      assert.ok(question);
      const mean = async (interval: number): Promise<number> => {
        const { rows } = await ask(question, { ...times, interval });
        assert.equal(new Set(rows.map((row) => row[1])).size, tagNames.length);
        return rows.reduce((sum, row) => sum + Number(row[2]), 0) / rows.length;
      };
      assert.ok(Math.abs((await mean(59)) - (await mean(60))) < 0.1);
    });
  });
}
