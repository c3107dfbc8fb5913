import { strict as assert } from 'node:assert';
import { Board } from '../../../gateway/live/board.ts';
import { snapshots } from '../../../gateway/live/snapshot.ts';
import { plantView } from '../../../gateway/plant-view.ts';
import type { History } from '../../../gateway/history.ts';
import { openDefinition } from '../../../roles/open-definition.ts';
import { createLogger } from '../../../telemetry/log.ts';

describe('snapshots', () => {
  it('query the database once for all clients that join at the same time, and again for those that join later', async () => {
    let asked = 0;
    const later = <T>(answer: T): Promise<T> => {
      asked += 1;
      return new Promise((resolve) => setImmediate(resolve, answer));
    };
    const history: History = {
      assets: () => later([]),
      scans: () => later([]),
      predictions: () => later([]),
      alerts: () => later([]),
      rows: () => later([]),
    };
    const snapshot = snapshots({
      plant: plantView(openDefinition({ process: 'processes/casting.yaml' })),
      board: new Board(),
      history,
      log: createLogger('test', 'silent'),
      feed: () => ({ state: 'live', since: 0 }),
    });
    const storm = await Promise.all(Array.from({ length: 20 }, () => snapshot(['a', 'b'])));
    assert.deepEqual(
      storm.map(({ assets }) => assets.map(({ asset }) => asset)),
      storm.map(() => ['a', 'b']),
    );
    const once = 2 * 2 + 2;
    assert.equal(asked, once);
    await snapshot(['a', 'b']);
    assert.equal(asked, 2 * once);
  });
});
