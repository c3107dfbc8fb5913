import { strict as assert } from 'node:assert';
import { faultNamed } from '../../bench/chaos/faults/all.ts';
import { describe as inWords, runScenario } from '../../bench/chaos/scenario.ts';
import { startChaosStack, type ChaosStack } from '../../bench/chaos/rig/chaos-stack.ts';
import { seed } from '../support/seed.ts';

describe('the pipeline under fire, for a short while', function () {
  this.timeout(420_000);
  let chaosStack: ChaosStack;

  before(async () => {
    chaosStack = await startChaosStack(undefined, { shortLived: true });
  });
  after(async () => {
    await chaosStack.discard();
  });

  it('delivers all records, killed, drained, stopped past its session, and without its broker', async () => {
    const said: string[] = [];
    const result = await runScenario({
      chaosStack,
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
