import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDefinition, openSource } from '../../cli/plant.ts';
import type { Reconciliation } from '../../cli/reconcile/reconcile.ts';
import { startPipeline, type Pipeline } from '../support/pipeline.ts';

const data = process.env['CASTWATCH_DATA'] ?? join(import.meta.dirname, '../../../shared/data');
const definitionFile = 'processes/pump-rig.yaml';

/** Nothing lost, nothing doubled, and the same as the oracle says. */
export function assertReconciled(result: Reconciliation): void {
  assert.deepEqual(result.differences, []);
  assert.equal(result.reconciled, true);
  assert.equal(result.lost, 0);
  assert.equal(result.duplicates, 0);
}

describe('the replay of real files', function () {
  this.timeout(300_000);
  let pipeline: Pipeline;

  before(function () {
    if (existsSync(join(data, 'skab'))) return;
    console.log('      skipped: no real data here; CASTWATCH_DATA names its folder');
    this.skip();
  });
  beforeEach(async () => {
    pipeline = await startPipeline({ process: definitionFile });
  });
  afterEach(() => pipeline.stop());

  const files = (pattern: string): ReturnType<typeof openSource> =>
    openSource(openDefinition({ process: definitionFile }), {
      source: 'csv',
      file: [join(data, 'skab', pattern)],
      seed: '1',
      faults: 'none',
      startTime: 0,
    });

  it('ends with every record accounted for and every table as the oracle has it', async () => {
    await pipeline.role('process', 'process', '--process', definitionFile);
    await pipeline.role('sink', 'sink');
    const { published } = await pipeline.publish(await files('**/*.csv'));
    const result = await pipeline.settleAndReconcile();
    assertReconciled(result);
    assert.equal(result.recordsIn, published.sensorReadings);
    assert.ok(result.predictions > 0);
  });
});
