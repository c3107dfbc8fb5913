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

  it('says that the broker does not answer instead of accusing the tasks', async () => {
    let away = false;
    let end = 10;
    let looks = 0;
    const watch = watchLag({
      transport: {
        endOffsets: () => {
          looks++;
          return away
            ? Promise.reject(new Error('connection refused'))
            : Promise.resolve(new Map([[0, end++]]));
        },
      },
      progress: () => [{ group: 'g', topic: 'a', partition: 0, committed: 2 }],
    });
    const look = async (times: number): Promise<void> => {
      for (let left = times; left > 0; left--) {
        const before = looks;
        mock.timers.tick(5_000);
        await waitFor(() => looks > before, 'a look');
        await new Promise(setImmediate);
      }
    };
    await look(10);
    away = true;
    await look(12);
    const why = (): string | undefined => watch.unanswered?.why;
    assert.equal(why(), undefined);
    await look(2);
    assert.equal(why(), 'connection refused');
    assert.deepEqual(watch.stalls, []);
    away = false;
    await look(11);
    assert.equal(why(), undefined);
    assert.deepEqual(watch.stalls, []);
    await look(3);
    assert.deepEqual(
      watch.stalls.map(({ topic, partition, committed }) => [topic, partition, committed]),
      [['a', 0, 2]],
    );
    watch.stop();
  });
});
