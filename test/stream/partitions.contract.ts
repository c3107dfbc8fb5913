/** What a step does when its topics have another number of partitions than its state was made for. Runs on every transport. */
import assert from 'node:assert/strict';
import { until } from '../../base/retry.ts';
import { partitionForKey, repartition } from '../../stream/index.ts';
import { countingApps } from './counting-apps.ts';
import {
  assertExactlyOnce,
  createCountTopics,
  readCounted,
  sendItems,
  type CountTopics,
  type Rig,
} from './harness.ts';

export function partitionsContract(rig: () => Rig): void {
  const { start, stop, caughtUp, operator, processed, offsetOf } = countingApps(rig);

  const growAll = async (topics: CountTopics, partitions: number): Promise<void> => {
    for (const topic of [topics.items, topics.labels, topics.changelog])
      await rig().addPartitions(topic, partitions);
  };

  it('stands still in partitions that its state was not made for when one topic has more, and says how many', async () => {
    const topics = await createCountTopics(rig(), 2);
    await processed(topics, 3);
    await rig().addPartitions(topics.items, 4);
    const app = start(topics);
    await until('it stands still', () => app.status().state === 'halted');
    assert.match(
      app.status().message ?? '',
      /partitions 2, 3 since .* count were made for 2 partitions, but .*items.* has 4/,
    );
    await until('the old ones run', () => app.status().tasks.length === 2);
  });

  it('stands still everywhere when the number of partitions is no multiple of what its state was made for', async () => {
    const topics = await createCountTopics(rig(), 2);
    await processed(topics, 3);
    await growAll(topics, 3);
    const app = start(topics);
    await until('it stands still', () => app.status().halts.length === 3);
    assert.equal(app.status().tasks.length, 0);
  });

  it('notices new partitions while it runs, and takes each key up again where its state was moved', async () => {
    const topics = await createCountTopics(rig(), 2);
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    await sendItems(rig(), topics.items, keys, 1, 3);
    const app = start(topics);
    await caughtUp(topics);
    await growAll(topics, 4);
    await until('it stands still', () => app.status().state === 'halted' && app.status().halts.length === 2);
    await sendItems(rig(), topics.items, keys, 4, 3);
    const options = { ...operator(topics), partitions: 4, grow: () => Promise.resolve() };
    await until('the old partitions are processed', async () => {
      const ends = await rig().transport.endOffsets(topics.items);
      return (await offsetOf(topics, 0)) === ends.get(0) && (await offsetOf(topics, 1)) === ends.get(1);
    });
    await stop(app);
    const [done] = await repartition(options);
    assert.ok(done !== undefined && done.moved > 0, JSON.stringify(done));
    assert.deepEqual([done.before, done.keys], [2, keys.length]);
    assert.deepEqual(await repartition(options), [], 'a second call finds nothing to move');
    const again = start(topics);
    await caughtUp(topics);
    assertExactlyOnce(await readCounted(rig(), topics.counted), keys, 6);
    await until('it runs', () => again.status().state === 'running');
  });

  it('is not repartitioned while it has records to process in old partitions, or keys lie elsewhere', async () => {
    const topics = await createCountTopics(rig(), 2);
    await processed(topics, 3, ['a', 'b', 'c']);
    await sendItems(rig(), topics.items, ['a'], 4, 1);
    let grown = 0;
    const options = { ...operator(topics), grow: () => growAll(topics, 4).then(() => void (grown += 1)) };
    await assert.rejects(
      repartition({ ...options, partitions: 4 }),
      /count has still to process 1 offsets of/,
    );
    await assert.rejects(repartition({ ...options, partitions: 3 }), /3 is no multiple/);
    assert.equal(grown, 0);
    const producer = await rig().transport.producer();
    const misplaced = { n: 1 };
    const [place] = [0, 1].filter((partition) => partition !== partitionForKey('x', 2));
    assert.ok(place !== undefined);
    await producer.send([
      { topic: topics.items, partition: place, key: 'x', value: Buffer.from(JSON.stringify(misplaced)) },
    ]);
    await producer.close();
    const app = start(topics);
    await caughtUp(topics);
    await stop(app);
    await assert.rejects(repartition({ ...options, partitions: 4 }), /the key x lies in partition/);
  });
}
