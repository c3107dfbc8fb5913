/** Every value is read from the database as it was written, by COPY and by unnest. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import pg from 'pg';
import { canonicalJson } from '../../../../sinks/timescale/columns/canonical-json.ts';
import {
  rowPerRecord,
  type ColumnValue,
  type ColumnType,
  type Row,
} from '../../../../sinks/timescale/columns/define-table.ts';
import { loadRows, type Load } from '../../../../sinks/timescale/writing/load-rows.ts';
import { readTable } from '../../../../sinks/timescale/queries/read.ts';
import { timestampText } from '../../../../sinks/timescale/writing/encode.ts';
import { startPglite, startPostgres, type TestServer } from '../../support/databases.ts';

/** One column of each type. */
interface Cells {
  readonly id: number;
  readonly text: string | null;
  readonly double: number | null;
  readonly integer: number | null;
  readonly bigint: number | null;
  readonly boolean: boolean | null;
  readonly time: number | null;
  readonly json: object | null;
  readonly doubles: readonly number[] | null;
}
const { key, optional, table: tableOf } = rowPerRecord<Cells>();
const table = tableOf('cells', 'One cell of each type.', [
  key('id', 'integer', (cells) => cells.id),
  optional('text', 'text', (cells) => cells.text),
  optional('double', 'double', (cells) => cells.double),
  optional('integer', 'integer', (cells) => cells.integer),
  optional('bigint', 'bigint', (cells) => cells.bigint),
  optional('boolean', 'boolean', (cells) => cells.boolean),
  optional('time', 'time', (cells) => cells.time),
  optional('json', 'json', (cells) => cells.json),
  optional('doubles', 'doubles', (cells) => cells.doubles),
]);

const double = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, Number.MIN_VALUE),
);
/** PostgreSQL cannot store zero bytes; lone surrogates are not text. */
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('\\', '"', '\t', '\n', '\r', '{', '}', ',', 'N', 'a', "'", ' ') }),
    fc.constantFrom('NULL', '\\N', '\\.', ''),
  )
  .filter((value) => !value.includes('\u0000'));
/** The range of timestamptz: years −4712 to 275760 (the end of Date). */
const time = fc.integer({ min: Date.UTC(-4712, 0, 2), max: 8_640_000_000_000_000 });

/** Without escapes in keys: JSON.parse of Node 24.21 (V8 13.6) now and then loses a key that has one. */
const json = fc
  .dictionary(
    fc.string({ unit: fc.constantFrom('a', 'B', '_', 'ä', ' ', '.'), maxLength: 4 }),
    fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
  )
  .map(canonicalJson);

const cells: Readonly<Record<ColumnType, fc.Arbitrary<ColumnValue>>> = {
  text,
  double,
  integer: fc.integer(),
  bigint: fc.maxSafeInteger(),
  boolean: fc.boolean(),
  time,
  json,
  doubles: fc.array(double, { maxLength: 5 }),
};

const row = fc.tuple(...table.columns.slice(1).map(({ type }) => fc.option(cells[type], { nil: null })));
const rows = fc
  .array(row, { minLength: 1, maxLength: 30 })
  .map((some): Row[] => some.map((values, id) => [id, ...values]));

/** −0 is 0 in jsonb and in a comparison. */
const shown = (some: readonly Row[]): string[] =>
  some.map((cellsOfRow) =>
    cellsOfRow
      .map((cell) => (cell === null ? 'null' : JSON.stringify(cell === 0 ? 0 : String(cell))))
      .join(' '),
  );

for (const [name, start, loads] of [
  ['PostgreSQL', startPostgres, ['copy', 'insert']],
  ['TimescaleDB (PGlite)', startPglite, ['insert']],
] as const) {
  describe(`loading rows on ${name}`, function () {
    this.timeout(60_000);
    let server: TestServer;
    let pool: pg.Pool;

    before(async () => {
      server = await start();
      pool = new pg.Pool({ connectionString: await server.createDatabase(), max: 1 });
      pool.on('error', () => undefined);
      await pool.query('CREATE SCHEMA castwatch');
      await pool.query(
        'CREATE TABLE castwatch.cells (id integer PRIMARY KEY, text text, double double precision, integer integer, bigint bigint, boolean boolean, time timestamptz, json jsonb, doubles double precision[])',
      );
    });
    after(async () => {
      await pool.end();
      await server.stop();
    });

    async function roundTrip(load: Load, some: readonly Row[]): Promise<Row[]> {
      const client = await pool.connect();
      try {
        await client.query('DELETE FROM castwatch.cells');
        assert.equal(await loadRows(client, table, some, load), some.length);
      } finally {
        client.release();
      }
      const back: Row[] = [];
      for await (const read of readTable(pool, table)) back.push(read);
      return back;
    }

    for (const load of loads) {
      it(`brings back by ${load} what went in`, async () => {
        await fc.assert(
          fc.asyncProperty(rows, async (some) => {
            assert.deepEqual(shown(await roundTrip(load, some)), shown(some));
          }),
          { numRuns: 40 },
        );
      });
    }

    it('skips existing rows, also twice in one batch', async () => {
      const one: Row = [1, 'a', 1, 1, 1, true, 0, '{}', []];
      const other: Row = [2, 'b', 1, 1, 1, true, 0, '{}', []];
      await roundTrip('insert', [one]);
      const client = await pool.connect();
      try {
        assert.equal(await loadRows(client, table, [one, other, other], 'insert'), 1);
      } finally {
        client.release();
      }
    });
  });
}

describe('timestampText', () => {
  it('writes years before Christ and after 9999 as PostgreSQL reads them', () => {
    assert.equal(timestampText(Date.UTC(2026, 0, 2, 3, 4, 5, 6)), '2026-01-02T03:04:05.006Z');
    assert.equal(timestampText(Date.UTC(-1, 11, 31)), '0002-12-31T00:00:00.000Z BC');
    assert.equal(timestampText(Date.UTC(12_026, 0, 1)), '12026-01-01T00:00:00.000Z');
    assert.throws(() => timestampText(9e15), RangeError);
  });
});
