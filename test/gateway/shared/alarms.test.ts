import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AlarmList } from '../../../gateway/shared/alarms.ts';
import type { Alert, AlertTransition } from '../../../schemas/generated/types.ts';
import { seed } from '../../support/seed.ts';
import { alert } from '../records.ts';

const life = (id: string, raisedAt: number, ...rest: readonly AlertTransition[]): Alert[] =>
  (['RAISED', ...rest] as const).map((transition, step) =>
    alert('a/S1', raisedAt, { id, transition, step, eventTime: raisedAt + step * 1_000 }),
  );

const folded = (transitions: readonly Alert[]): AlarmList => {
  const list = new AlarmList();
  for (const transition of transitions) list.apply(transition);
  return list;
};

describe('AlarmList', () => {
  it('adds an alarm when it is raised, and moves it to the cleared ones when it is cleared', () => {
    const list = folded(life('one', 1_000, 'RETURNED_TO_NORMAL'));
    assert.deepEqual(
      list.open().map(({ id, state, stateSince }) => ({ id, state, stateSince })),
      [{ id: 'one', state: 'RETURNED', stateSince: 2_000 }],
    );
    list.apply(alert('a/S1', 1_000, { id: 'one', transition: 'CLEARED', step: 2, eventTime: 9_000 }));
    assert.deepEqual(list.open(), []);
    assert.deepEqual(
      list.cleared().map(({ id, state, stateSince }) => ({ id, state, stateSince })),
      [{ id: 'one', state: 'CLEARED', stateSince: 9_000 }],
    );
  });

  it('keeps what people did apart from the state', () => {
    const [alarm] = folded(life('one', 0, 'ACKNOWLEDGED', 'SHELVED', 'ESCALATED', 'UNSHELVED')).open();
    assert.deepEqual(
      {
        state: alarm?.state,
        acknowledged: alarm?.acknowledged,
        shelved: alarm?.shelved,
        escalated: alarm?.escalated,
      },
      { state: 'ACTIVE', acknowledged: true, shelved: false, escalated: true },
    );
  });

  it('sorts by priority, the highest first, and then by time, the newest first', () => {
    const list = folded([
      alert('a/S1', 1, { id: 'low', priority: 'LOW' }),
      alert('a/S1', 1, { id: 'high, old', priority: 'HIGH' }),
      alert('a/S1', 2, { id: 'high, new', priority: 'HIGH' }),
      alert('a/S1', 1, { id: 'critical', priority: 'CRITICAL' }),
    ]);
    assert.deepEqual(
      list.open().map(({ id }) => id),
      ['critical', 'high, new', 'high, old', 'low'],
    );
  });

  it('drops cleared alarms beyond its limit, but never open ones', () => {
    const list = new AlarmList(2);
    for (let n = 0; n < 5; n++)
      for (const one of life(`cleared ${n}`, n * 10_000, 'CLEARED')) list.apply(one);
    for (let n = 0; n < 5; n++) for (const one of life(`open ${n}`, n * 10_000)) list.apply(one);
    assert.deepEqual(
      list.cleared().map(({ id }) => id),
      ['cleared 4', 'cleared 3'],
    );
    assert.equal(list.open().length, 5);
    assert.equal(list.transitions().length, 2 * 2 + 5);
  });

  it('makes the same list in whatever order transitions come, also with repeats', () => {
    const all = [
      ...life('one', 0, 'ACKNOWLEDGED', 'RETURNED_TO_NORMAL', 'CLEARED'),
      ...life('two', 500, 'SHELVED', 'RETURNED_TO_NORMAL'),
      ...life('three', 700),
    ];
    const expected = folded(all);
    fc.assert(
      fc.property(fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }), (transitions) => {
        const list = folded(transitions);
        assert.deepEqual(list.open(), expected.open());
        assert.deepEqual(list.cleared(), expected.cleared());
        assert.deepEqual(list.transitions(), expected.transitions());
      }),
      { seed },
    );
  });
});
