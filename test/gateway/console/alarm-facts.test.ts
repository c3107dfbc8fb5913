import assert from 'node:assert/strict';
import { alarmTimes, alarmWords, openWords, Peaks } from '../../../gateway/console/alarm-facts.ts';
import { clock } from '../../../gateway/console/format.ts';
import { AlarmList, type Alarm } from '../../../gateway/shared/alarms.ts';
import type { Alert } from '../../../schemas/generated/types.ts';
import { alert, prediction } from '../records.ts';

const raisedAt = Date.UTC(2026, 0, 31, 12);
const asset = 'a/S1';
const at = (seconds: number, probability: number | null, signal?: number) =>
  prediction(asset, raisedAt + seconds * 1_000, {
    probability,
    signals: signal === undefined ? [] : [{ name: 'spread', value: signal }],
  });

function alarm(...given: readonly Partial<Alert>[]): Alarm {
  const list = new AlarmList();
  given.forEach((one, step) => list.apply(alert(asset, raisedAt, { ...one, step })));
  const [found] = [...list.open(), ...list.cleared()];
  assert.ok(found);
  return found;
}

describe('Peaks', () => {
  const raised = alarm({ value: 0.29, peak: 0.29, limit: 0.09 });

  it('follows the predictions since the alarm was raised, and not those before', () => {
    const peaks = new Peaks();
    assert.equal(peaks.of(raised, 'probability', [at(-5, 0.9)]), 0.29);
    assert.equal(
      peaks.of(raised, 'probability', [at(-5, 0.9), at(5, 0.41), at(10, 0.3), at(15, null)]),
      0.41,
    );
  });

  it('keeps a peak that is no longer in the window of the chart', () => {
    const peaks = new Peaks();
    peaks.of(raised, 'probability', [at(5, 0.41)]);
    assert.equal(peaks.of(raised, 'probability', [at(1_000, 0.1)]), 0.41);
  });

  it('is the lowest value for a rule that raises below its limit, of the feature that the rule watches', () => {
    const low = alarm({ value: 0.06, peak: 0.06, limit: 0.07 });
    assert.equal(
      new Peaks().of(low, 'spread', [at(5, 0.01, 0.08), at(10, 0.9, 0.04), at(15, 0.9, NaN)]),
      0.04,
    );
  });

  it('takes the peak of a cleared alarm from its last transition', () => {
    const peaks = new Peaks();
    peaks.of(raised, 'probability', [at(5, 0.41)]);
    const cleared = alarm({ peak: 0.29 }, { transition: 'CLEARED', peak: 0.42 });
    assert.equal(peaks.of(cleared, 'probability', [at(60, 0.8)]), 0.42);
  });
});

describe('alarmWords', () => {
  const stale = { kind: 'stale', since: raisedAt + 3_000 } as const;

  it('marks an open alarm as without data only when its asset has no data', () => {
    assert.equal(alarmWords(alarm({}), { kind: 'live' }, raisedAt), 'Active');
    assert.equal(alarmWords(alarm({}), undefined, raisedAt), 'Active');
    assert.equal(alarmWords(alarm({}), stale, raisedAt), `Active, no data since ${clock(raisedAt + 3_000)}`);
    assert.equal(alarmWords(alarm({}), { kind: 'stale', since: null }, raisedAt), 'Active, no data');
    assert.equal(alarmWords(alarm({}, { transition: 'CLEARED' }), stale, raisedAt), 'Cleared');
  });

  it('mentions an acknowledgement only after one', () => {
    const acknowledged = alarm({}, { transition: 'ACKNOWLEDGED' });
    assert.equal(alarmWords(acknowledged, undefined, raisedAt), 'Active, acknowledged');
  });

  it('says when the alarm began and when it ended', () => {
    const cleared = alarm({}, { transition: 'CLEARED', eventTime: raisedAt + 60_000 });
    assert.equal(alarmTimes(alarm({}), raisedAt), `since ${clock(raisedAt)}`);
    assert.equal(
      alarmTimes(cleared, raisedAt),
      `since ${clock(raisedAt)}, cleared ${clock(raisedAt + 60_000)}`,
    );
  });
});

describe('openWords', () => {
  const open = `▲ HIGH alarm open since ${clock(raisedAt)}`;
  const waits = `${open} · clears when back to normal for long enough`;

  it('says that an alarm is open, and why it is still open when the value is back inside the limit', () => {
    const above = alarm({ value: 0.4, peak: 0.4, limit: 0.09 });
    assert.equal(openWords(above, 'probability', at(5, 0.3), raisedAt), open);
    assert.equal(openWords(above, 'probability', at(5, 0.05), raisedAt), waits);
    assert.equal(openWords(above, 'probability', at(5, null), raisedAt), open);
    assert.equal(openWords(above, 'probability', undefined, raisedAt), open);
  });

  it('does the same for rules that raise below their limit', () => {
    const below = alarm({ value: 0.06, peak: 0.06, limit: 0.07 });
    assert.equal(openWords(below, 'spread', at(5, 0.5, 0.05), raisedAt), open);
    assert.equal(openWords(below, 'spread', at(5, 0.5, 0.08), raisedAt), waits);
  });
});
