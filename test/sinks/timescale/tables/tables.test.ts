/** Each column reads the field of its own name, so that no two columns are mixed up. */
import assert from 'node:assert/strict';
import { canonicalJson } from '../../../../sinks/timescale/columns/canonical-json.ts';
import {
  propertyOf,
  type ColumnValue,
  type Column,
  type Row,
} from '../../../../sinks/timescale/columns/define-table.ts';
import { generateTablesPage } from '../../../../sinks/timescale/tables-page.ts';
import { storedTopics, type StoredTopic } from '../../../../schemas/catalogue.ts';
import { tables } from '../../../../sinks/timescale/tables/tables.ts';
import { makeRecord } from '../../support/records.ts';

/** Columns that are not a field of the record. */
const made: Readonly<Record<string, readonly string[]>> = {
  rejected_readings: ['ordinal'],
  predictions: ['published_at'],
  alerts: ['published_at'],
  shadow_predictions: ['published_at'],
};

type Fields = Readonly<Record<string, unknown>>;

/** Each plain field contains its own name, so that no two are equal. */
const named = (record: object): Fields =>
  Object.fromEntries(
    Object.entries(record).map(([field, value]: [string, unknown]) => [
      field,
      typeof value === 'object' && value !== null ? value : field,
    ]),
  );

/** The record's list of parts, when each part becomes a row. */
const partsOf: Readonly<Record<string, string>> = {
  validatedReadings: 'measurements',
  rejectedReadings: 'rejections',
};

/** A record whose fields contain their own names, and the fields of each of its rows. */
function makeNamed(topic: StoredTopic): { readonly record: Fields; readonly rows: readonly Fields[] } {
  const record = named(makeRecord(topic, 13).value);
  const list = partsOf[topic];
  if (list === undefined) return { record, rows: [record] };
  const parts = record[list];
  assert.ok(Array.isArray(parts));
  const namedParts = parts.map((part: object) => named(part));
  return {
    record: { ...record, [list]: namedParts },
    rows: namedParts.map((part) => ({ ...record, ...part })),
  };
}

function assertReadsItsFields(
  columns: readonly Column[],
  row: Row,
  fields: Fields,
  except: readonly string[],
): void {
  columns.forEach((column, index) => {
    if (except.includes(column.name)) return;
    const property = propertyOf(column);
    assert.ok(property in fields, `${column.name}: the record has no ${property}`);
    const field = fields[property];
    const cell = column.type === 'json' ? canonicalJson(field) : (field as ColumnValue);
    assert.deepEqual(row[index], cell, column.name);
  });
}

describe('tables', () => {
  for (const topic of storedTopics)
    it(`of ${topic} take each column from the field of its name`, () => {
      const { name, columns, keyLength } = tables[topic];
      assert.ok(keyLength > 0);
      assert.ok(
        columns.slice(0, keyLength).every(({ inKey }) => inKey),
        'the key comes first',
      );
      const { record, rows: fields } = makeNamed(topic);
      const rows = tables[topic].rows(record as never, 0);
      assert.equal(rows.length, fields.length);
      rows.forEach((row, index) => {
        assert.equal(row.length, columns.length);
        assertReadsItsFields(columns, row, fields[index] ?? {}, made[name] ?? []);
      });
    });

  it('are documented as they are defined', async () => {
    assert.deepEqual(await generateTablesPage({ check: true }), { written: [], problems: [] });
  });

  it('number the findings of a reading, and take the time of publication', () => {
    const columnOf = (topic: 'rejectedReadings' | 'predictions', column: string): ColumnValue[] => {
      const index = tables[topic].columns.findIndex(({ name }) => name === column);
      const { value, timestamp } = makeRecord(topic, 13);
      return tables[topic].rows(value as never, timestamp).map((row) => row[index] ?? null);
    };
    assert.deepEqual(columnOf('rejectedReadings', 'ordinal'), [0, 1]);
    assert.deepEqual(columnOf('predictions', 'published_at'), [makeRecord('predictions', 13).timestamp]);
  });
});
