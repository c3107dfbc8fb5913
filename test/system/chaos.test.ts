import { strict as assert } from 'node:assert';
import { rm } from 'node:fs/promises';
import { faultNamed } from '../../bench/chaos/faults/all.ts';
import { describe as inWords, runScenario } from '../../bench/chaos/scenario.ts';
import type { LocalStack } from '../../local/stack.ts';
import { seed } from '../support/seed.ts';
import { startOwnStack } from '../support/stack.ts';

describe('the pipeline under fire, for a short while', function () {
  this.timeout(420_000);
  let stack: LocalStack;

  before(async () => {
    stack = await startOwnStack();
  });
  after(async () => {
    await stack.stop();
    await rm(stack.dataDir, { recursive: true, force: true });
  });

  it('delivers all records, killed, drained, stopped past its session, and without its broker', async () => {
    const said: string[] = [];
    const result = await runScenario({
      stack,
      process: 'processes/casting.yaml',
      cells: 8,
      seed: String(seed),
      speed: 20,
      say: (line) => said.push(line),
      faults: ['kill', 'drain', 'zombie', 'broker'].map(faultNamed),
      times: 1,
      readers: seed % 2 === 0 ? ['features', 'sink'] : ['validate', 'sink'],
      isOver: () => false,
    });
    assert.deepEqual(result.problems, [], said.join('\n'));
    assert.equal(result.verdict, 'all records delivered');
    assert.equal(result.passed, true);
    assert.equal(result.injections.length, 7, result.injections.map(inWords).join('\n'));
    assert.ok(result.readings > 1_000);
  });
});
