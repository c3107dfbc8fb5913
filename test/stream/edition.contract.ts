/** Members of unlike editions do not share partitions. Runs on every transport. */
import assert from 'node:assert/strict';
import { until } from '../../base/retry.ts';
import { known, startStreamApp, type AppState, type Edition, type StreamApp } from '../../stream/index.ts';
import {
  assertExactlyOnce,
  countProcessor,
  createCountTopics,
  keysOf,
  readCounted,
  sendItems,
  type CountTopics,
  type Rig,
} from './harness.ts';

const partitions = 3;
const keys = keysOf(7);
const edition = (id: string, since: number, ...names: string[]): Edition => ({
  ...{ name: 'plant', id, since },
  ...{ keys: known(names), fields: known(['level']) },
});

export function editionContract(rig: () => Rig): void {
  const apps = new Set<StreamApp>();
  afterEach(async () => {
    for (const app of apps) await stop(app);
  });

  const start = (topics: CountTopics, runs: Edition | undefined): StreamApp => {
    const app = startStreamApp(countProcessor(topics), {
      transport: rig().transport,
      application: topics.application,
      deadLetterTopic: topics.deadLetters,
      sessionTimeout: 6_000,
      ...(runs === undefined ? {} : { edition: runs }),
    });
    apps.add(app);
    return app;
  };
  const stop = async (app: StreamApp): Promise<void> => {
    apps.delete(app);
    await app.stop();
  };
  const has = (app: StreamApp, state: AppState, tasks: number): Promise<boolean> =>
    until(
      () => `${state} with ${tasks} tasks: ${JSON.stringify(app.status())}`,
      () => app.status().state === state && app.status().tasks.length === tasks,
    );
  const caughtUp = async (topics: CountTopics, perKey: number): Promise<void> => {
    await until('all is counted', async () => {
      const counted = await readCounted(rig(), topics.counted);
      return keys.every((key) => (counted.get(key)?.length ?? 0) >= perKey);
    });
    assertExactlyOnce(await readCounted(rig(), topics.counted), keys, perKey);
  };

  it('gives all partitions to the member that knows more, and back when it has left', async () => {
    const topics = await createCountTopics(rig(), partitions);
    const before = start(topics, edition('one', 1, 'S1'));
    await has(before, 'running', partitions);
    await sendItems(rig(), topics.items, keys, 1, 50);
    const update = start(topics, edition('two', 2, 'S1', 'S2'));
    await has(update, 'running', partitions);
    await has(before, 'waiting', 0);
    assert.match(
      before.status().message ?? '',
      /plant \(two\) has all partitions .* plant \(one\): it waits/,
    );
    await sendItems(rig(), topics.items, keys, 51, 50);
    await caughtUp(topics, 100);
    await stop(update);
    await has(before, 'running', partitions);
    await sendItems(rig(), topics.items, keys, 101, 50);
    await caughtUp(topics, 150);
  });

  it('makes a member wait that knows less, or knows the same and came later', async () => {
    const topics = await createCountTopics(rig(), partitions);
    const atWork = [
      start(topics, edition('two', 5, 'S1', 'S2')),
      start(topics, edition('two', 6, 'S1', 'S2')),
    ];
    await until('both work', () => atWork.every((app) => app.status().tasks.length > 0));
    const later = [
      start(topics, edition('rolled back', 7, 'S1')),
      start(topics, edition('limits', 8, 'S1', 'S2')),
    ];
    for (const app of later) await has(app, 'waiting', 0);
    for (const app of atWork) assert.equal(app.status().state, 'running');
    for (const app of atWork) await stop(app);
    const [less, same] = later;
    assert.ok(less && same);
    await has(same, 'running', partitions);
    await has(less, 'waiting', 0);
  });

  it('leaves a group that another application runs, and stays away when that has left', async () => {
    const topics = await createCountTopics(rig(), partitions);
    const owner = start(topics, edition('one', 1, 'S1'));
    await has(owner, 'running', partitions);
    const stranger = start(topics, { ...edition('one', 2, 'S1', 'S2', 'S3'), name: 'other plant' });
    await has(stranger, 'halted', 0);
    assert.match(stranger.status().message ?? '', /plant \(one\) has all partitions of .* other plant/);
    await has(owner, 'running', partitions);
    await stop(owner);
    await sendItems(rig(), topics.items, keys, 1, 10);
    assert.equal(stranger.status().state, 'halted');
    const next = start(topics, edition('one', 3, 'S1'));
    await has(next, 'running', partitions);
    await caughtUp(topics, 10);
  });

  it('takes over from members that say no edition, as versions before this one', async () => {
    const topics = await createCountTopics(rig(), partitions);
    const old = start(topics, undefined);
    await has(old, 'running', partitions);
    const update = start(topics, edition('one', 1, 'S1'));
    await has(update, 'running', partitions);
    await has(old, 'running', 0);
  });
}
