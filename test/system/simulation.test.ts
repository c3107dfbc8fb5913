import { strict as assert } from 'node:assert';
import { openDefinition } from '../../roles/open-definition.ts';
import { openSource } from '../../sources/open.ts';
import { startPipeline, type Pipeline } from '../support/pipeline.ts';
import { assertReconciled } from '../support/reconciled.ts';
import { seed } from '../support/seed.ts';

const plant = { process: 'processes/casting.yaml', cells: 8 };

describe('ten minutes of eight simulated strands with every fault', function () {
  this.timeout(300_000);
  let pipeline: Pipeline;

  before(async () => {
    pipeline = await startPipeline(plant);
  });
  after(() => pipeline.stop());

  it('account for every reading, and fill every table as the oracle does', async () => {
    const source = await openSource(openDefinition(plant), {
      source: 'simulator',
      file: [],
      seed: String(seed),
      faults: 'all',
      minutes: 10,
      startTime: Date.parse('2026-03-01T06:00:00Z'),
    });
    await pipeline.role('process', 'process', '--process', plant.process, '--cells', '8');
    await pipeline.role('sink', 'sink');
    const { published, counts } = await pipeline.publish(source);
    const result = await pipeline.settleAndReconcile();
    assertReconciled(result);
    assert.equal(result.recordsIn, published.sensorReadings + published.undecodable);
    assert.equal(result.deadLettered['undecodable'] ?? 0, counts['undecodable']);
    assert.equal(result.rowsPerTable['mes_events'], published.mesEvents);
    assert.ok((result.rejected['DUPLICATE'] ?? 0) > 0 && (result.rejected['LATE'] ?? 0) > 0);
  });
});
