/** Runs the pump rig's real recordings through validate and features. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { percent } from '../../base/text.ts';
import { loadDefinition } from '../../processes/load.ts';
import { featuresOffline } from '../../processors/offline.ts';
import { createCsvSource } from '../../sources/csv/csv.ts';

const data = process.env['CASTWATCH_DATA'] ?? '../shared/data';

describe('pump rig: real recordings', () => {
  it('are all validated; few values are flagged, none is dropped', async function () {
    if (!existsSync(`${data}/skab`)) {
      process.stdout.write(`      skipped: no recordings under ${data}/skab (set CASTWATCH_DATA)\n`);
      this.skip();
    }
    this.timeout(60_000);
    const definition = loadDefinition('processes/pump-rig.yaml');
    const records = await createCsvSource({ definition, files: [`${data}/skab/other/*.csv`] });
    const treatments: Record<string, number> = {};
    let [rows, validated, unknown] = [0, 0, 0];
    await featuresOffline({
      definition,
      records,
      sinks: {
        validatedReadings: ({ measurements }) => {
          validated++;
          for (const { treatment } of measurements) treatments[treatment] = (treatments[treatment] ?? 0) + 1;
        },
        features: ({ values }) => {
          rows++;
          unknown += values.filter(Number.isNaN).length / values.length;
        },
      },
    });
    assert.equal(validated, 14_929);
    assert.deepEqual(Object.keys(treatments).sort(), ['FLAGGED', 'MEASURED']);
    const flagged = (treatments['FLAGGED'] ?? 0) / (8 * validated);
    assert.ok(flagged < 0.01, `${percent(flagged, 2)} of the values are flagged`);
    assert.ok(rows > 0.99 * validated, `${rows} rows`);
    assert.ok(unknown / rows < 0.01, `${percent(unknown / rows, 2)} of the features are not known`);
  });
});
