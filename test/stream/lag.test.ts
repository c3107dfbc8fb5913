import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { watchLag, type Progress } from '../../stream/lag.ts';
import { waitFor } from '../support/wait.ts';

describe('stream/lag', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
  });
  afterEach(() => {
    mock.timers.reset();
  });

  it('sums the unprocessed records on this member’s partitions, and reports 0 once when the member has lost them', async () => {
    let owned: readonly Progress[] = [
      { group: 'g', topic: 'a', partition: 0, committed: 90 },
      { group: 'g', topic: 'a', partition: 1, committed: 45 },
      { group: 'h', topic: 'a', partition: 0, committed: 100 },
    ];
    const reports: string[] = [];
    const ends = new Map([
      [0, 100],
      [1, 50],
      [2, 1_000],
    ]);
    const watch = watchLag({
      transport: { endOffsets: () => Promise.resolve(ends) },
      progress: () => owned,
      report: (group, topic, records) => reports.push(`${group} ${topic} ${records}`),
    });
    mock.timers.tick(5_000);
    await waitFor(() => reports.length === 2, 'the first look');
    assert.deepEqual(reports, ['g a 15', 'h a 0']);
    owned = owned.slice(2);
    mock.timers.tick(5_000);
    await waitFor(() => reports.length === 4, 'the second look');
    assert.deepEqual(reports.slice(2), ['g a 0', 'h a 0']);
    mock.timers.tick(5_000);
    await waitFor(() => reports.length === 5, 'the third look');
    watch.stop();
    mock.timers.tick(5_000);
    assert.equal(reports.length, 5);
  });

  it('reports nothing while the broker is unreachable, and continues when it is back', async () => {
    let asked = 0;
    const reports: number[] = [];
    const watch = watchLag({
      transport: {
        endOffsets: () =>
          ++asked === 1 ? Promise.reject(new Error('away')) : Promise.resolve(new Map([[0, 9]])),
      },
      progress: () => [{ group: 'g', topic: 'a', partition: 0, committed: 2 }],
      report: (_group, _topic, records) => reports.push(records),
    });
    await waitFor(() => {
      mock.timers.tick(5_000);
      return reports.length > 0;
    }, 'a report');
    watch.stop();
    assert.deepEqual(reports.slice(0, 1), [7]);
    assert.ok(asked > 1);
  });
});
