import { strict as assert } from 'node:assert';
import { haltedOf, problemsOf } from '../../../cli/start/problems.ts';

describe('cli/start/problems', () => {
  const role = (name: string, problems: readonly string[], halted = false) => ({
    name,
    status: () => ({ ready: problems.length === 0, problems, halted }),
  });
  const loading = role('process', [
    'validate: The coordinator is loading',
    'alert: The coordinator is loading',
  ]);
  const halted = role('sink', ['the breaker has stopped it'], true);

  it('says "joining" while groups form, and names the problem afterwards', () => {
    assert.equal(problemsOf([loading], true), 'process: joining');
    assert.match(
      problemsOf([loading]) ?? '',
      /^process: validate: The coordinator is loading; process: alert/,
    );
    assert.equal(problemsOf([role('sink', [])], true), undefined);
  });

  it('never hides a role that is halted', () => {
    assert.equal(problemsOf([halted], true), 'sink: the breaker has stopped it');
    assert.equal(haltedOf([loading, halted]), 'sink: the breaker has stopped it');
    assert.equal(haltedOf([loading]), undefined);
  });
});
