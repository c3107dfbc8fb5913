/** What `/ready` of a role says when it does not get on. */
import assert from 'node:assert/strict';
import { sinkReadiness, sourceReadiness, stepsReadiness } from '../../roles/readiness.ts';
import type { AppStatus, Stall } from '../../stream/index.ts';

const since = Date.UTC(2026, 2, 1, 6);
const stall: Stall = {
  group: 'c-sink',
  topic: 'alerts.v1',
  partition: 3,
  committed: 20,
  since,
  records: 300,
};
const running: AppStatus = {
  steps: ['validate', 'features'],
  group: 'c-validate',
  state: 'running',
  message: undefined,
  standstills: [],
  quarantines: [],
  tasks: [],
  halts: [],
  notices: [],
  stalls: [],
  unanswered: undefined,
};

describe('roles/readiness', () => {
  it('a process role is not ready while a step commits nothing and its lag grows', () => {
    assert.deepEqual(stepsReadiness([running]), { ready: true, halted: false, problems: [] });
    const stalls = [{ ...stall, step: 'features', topic: 'validated-readings.v1' }];
    const { ready, halted, problems } = stepsReadiness([running, { ...running, stalls }]);
    assert.deepEqual([ready, halted, problems.length], [false, false, 1]);
    assert.match(
      problems[0] ?? '',
      /^features has processed nothing of validated-readings\.v1\/3 since 2026-03-01T06:00:00\.000Z, and 300 records from offset 20 on wait\..*restart/,
    );
  });

  it('the sink is not ready either', () => {
    const health = { state: 'running', problems: [], notices: [] } as const;
    assert.equal(sinkReadiness(health, { stalls: [], unanswered: undefined }).ready, true);
    const { ready, problems } = sinkReadiness(health, { stalls: [stall], unanswered: undefined });
    assert.equal(ready, false);
    assert.match(problems[0] ?? '', /^sink has processed nothing of alerts\.v1\/3 since .*300 records/);
  });

  it('a source is not ready while Kafka accepts nothing, and is ready while its plant is silent', () => {
    const silent = sourceReadiness({ problem: 'no value for 60 s' }, undefined);
    assert.deepEqual(silent, { ready: true, halted: false, problems: ['no value for 60 s'] });
    const { ready, problems } = sourceReadiness(undefined, { since, why: 'connection refused' });
    assert.equal(ready, false);
    assert.match(
      problems[0] ?? '',
      /^Kafka has not accepted records since 2026-03-01.*\(connection refused\)/,
    );
  });

  it('steps and sink say that Kafka does not answer, instead', () => {
    const unanswered = { since, why: 'connection refused' };
    const answers = [
      stepsReadiness([{ ...running, unanswered }]),
      sinkReadiness({ state: 'running', problems: [], notices: [] }, { stalls: [], unanswered }),
    ];
    for (const { ready, problems } of answers) {
      assert.equal(ready, false);
      assert.match(problems[0] ?? '', /Kafka has not answered since 2026-03-01.*\(connection refused\)/);
    }
  });
});
