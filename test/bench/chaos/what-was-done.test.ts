import { strict as assert } from 'node:assert';
import { faultNamed, faults } from '../../../bench/chaos/faults/all.ts';
import { broken, notInjected, skipped, type ScenarioResult } from '../../../bench/chaos/scenario.ts';
import { exitStatus, tally } from '../../../bench/chaos/what-was-done.ts';

const good = (name: string): ScenarioResult => ({
  ...skipped(faultNamed(name), ''),
  ...{ verdict: 'all records delivered', passed: true, problems: [] },
});

describe('the summary of a chaos run', () => {
  it('passes only when every fault was injected in full', () => {
    const results = [good('kill'), skipped(faultNamed('disk'), 'nothing can be mounted here')];
    assert.equal(tally(results), '1 of 2 passed; 1 skipped: disk');
    assert.equal(exitStatus(results), 0);
  });

  it('names the faults for which no time was left, and has an exit status for this case', () => {
    const results = faults.map((fault, index) => (index === 0 ? good(fault.name) : notInjected(fault)));
    const others = faults.slice(1).map(({ name }) => name);
    const sum = `1 of ${faults.length} passed; ${others.length} not injected: ${others.join(', ')}`;
    assert.equal(tally(results), sum);
    assert.equal(exitStatus(results), 2);
  });

  it('does not count a fault as passed when it ran too few rounds', () => {
    const results = [good('kill'), { ...good('drain'), isCut: true }];
    assert.equal(tally(results), '1 of 2 passed; 1 cut short: drain');
    assert.equal(exitStatus(results), 2);
  });

  it('fails when one fault failed, also when others were left out', () => {
    const results = [
      broken(faultNamed('kill'), new Error('it did not start')),
      notInjected(faultNamed('drain')),
    ];
    assert.equal(exitStatus(results), 1);
  });

  it('does not pass when no fault was injected', () => {
    assert.equal(exitStatus([]), 2);
    assert.equal(exitStatus([skipped(faultNamed('disk'), 'nothing can be mounted here')]), 2);
  });
});
