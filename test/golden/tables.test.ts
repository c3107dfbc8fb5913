/** Recorded records become the same rows. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readGolden } from './archive.ts';
import { tableFacts, type TableFacts } from './table-facts.ts';

const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'tables.json'), 'utf8')) as Readonly<
  Record<string, TableFacts>
>;

for (const plant of ['casting', 'pump-rig'])
  describe(`golden rows of ${plant}`, () => {
    const actual = tableFacts(readGolden(join(import.meta.dirname, `${plant}.golden.br`)));
    for (const [table, facts] of Object.entries(recorded[plant] ?? {}))
      it(`${table}: same columns, same key, same ${facts.rows} rows`, () => {
        assert.deepEqual(actual[table], facts);
      });
  });
