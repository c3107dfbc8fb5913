/** What a step does when the records that it was to process next, or its state, no longer exist. Runs on every transport. */
import assert from 'node:assert/strict';
import { until } from '../../base/retry.ts';
import { acceptGaps, listGaps, type TransactionalProducer, type Transport } from '../../stream/index.ts';
import { countingApps } from './counting-apps.ts';
import { createCountTopics, sendItems, type Rig } from './harness.ts';

/** A transport whose transactions with records wait until the gate opens. */
const held = (transport: Transport, gate: Promise<unknown>): Transport =>
  new Proxy(transport, {
    get(target, property: keyof Transport) {
      if (property !== 'transactionalProducer') return target[property].bind(target);
      return async (id: string): Promise<TransactionalProducer> => {
        const producer = await target.transactionalProducer(id);
        return {
          transact: async (records, ...rest) => {
            if (records.length > 0) await gate;
            await producer.transact(records, ...rest);
          },
          close: () => producer.close(),
        };
      };
    },
  });

/** A transport for which Kafka has no positions, as long as `forgets` is true. */
const forgetful = (transport: Transport, forgets: () => boolean): Transport =>
  new Proxy(transport, {
    get(target, property: keyof Transport) {
      if (property === 'committedPositions' && forgets()) return () => Promise.resolve(new Map());
      return target[property].bind(target);
    },
  });

export function gapContract(rig: () => Rig): void {
  const { start, stop, caughtUp, operator, counts, processed, offsetOf } = countingApps(rig);

  it('stops at records that were deleted while it was away, names them, and goes on once they are accepted', async () => {
    const topics = await createCountTopics(rig(), 1);
    await processed(topics, 10);
    const from = await offsetOf(topics);
    await sendItems(rig(), topics.items, ['a'], 11, 10);
    await rig().deleteBefore(topics.items, 0, from + 6);
    const app = start(topics);
    await until('it stands still', () => app.status().state === 'halted');
    const missing = `offsets ${from} to ${from + 5} of ${topics.items}/0`;
    assert.match(
      app.status().message ?? '',
      new RegExp(`partition 0 since .*: count has not processed ${missing}`),
    );
    assert.deepEqual(
      app.status().halts.map(({ partition, code }) => [partition, code]),
      [[0, 'RECORDS_LOST']],
    );
    assert.equal((await counts(topics, 'a')).length, 10, 'nothing behind the gap is processed');
    const [open] = await listGaps(operator(topics));
    assert.deepEqual([open?.state, open?.gap.from, open?.gap.to], ['open', from, from + 6]);

    await acceptGaps({ ...operator(topics), by: 'me', why: 'the shift is over' });
    await until('it goes on', () => app.status().state === 'running');
    await caughtUp(topics);
    assert.equal((await counts(topics, 'a')).at(-1), 55 + 17 + 18 + 19 + 20);
    assert.deepEqual(
      app.gaps.map(({ source, gap: { reason, from: first, to } }) => [source.partition, reason, first, to]),
      [[0, 'deleted', from, from + 6]],
    );
    assert.equal(app.errors.length, 1, app.errors.join('\n'));
    const [left] = await listGaps(operator(topics));
    assert.deepEqual([left?.state, left?.gap.by, left?.gap.why], ['left out', 'me', 'the shift is over']);
  });

  it('processes the other partitions while one stands still', async () => {
    const topics = await createCountTopics(rig(), 2);
    const keys = ['a', 'b', 'c', 'd', 'e'];
    await processed(topics, 4, keys);
    const [first, second] = [await offsetOf(topics, 0), await offsetOf(topics, 1)];
    assert.ok(first > 0 && second > 0, 'both have keys');
    await sendItems(rig(), topics.items, keys, 5, 4);
    await rig().deleteBefore(topics.items, 0, first + 1);
    const app = start(topics);
    const end = (await rig().transport.endOffsets(topics.items)).get(1);
    await until('the other has caught up', async () => (await offsetOf(topics, 1)) === end);
    await until('it stands still', () => app.status().state === 'halted');
    assert.deepEqual(
      app.status().halts.map(({ partition }) => partition),
      [0],
    );
    assert.equal(await offsetOf(topics, 0), first);
  });

  it('leaves deleted records out when it says `go-on`, counts them, says so once, and remembers it', async () => {
    const topics = await createCountTopics(rig(), 1);
    await processed(topics, 10);
    const from = await offsetOf(topics);
    await sendItems(rig(), topics.items, ['a'], 11, 10);
    await rig().deleteBefore(topics.items, 0, from + 6);
    for (let times = 0; times < 2; times++) {
      const app = start(topics, { onGap: 'go-on' });
      await caughtUp(topics);
      await until('it runs', () => app.status().state === 'running');
      if (times === 0) {
        assert.equal(app.status().notices.length, 1);
        assert.match(
          app.status().notices[0] ?? '',
          new RegExp(`offsets ${from} to ${from + 5} of .*goes on without`),
        );
      }
      assert.equal(app.gaps.length, times === 0 ? 1 : 0);
      assert.equal(app.errors.length, times === 0 ? 1 : 0);
      await stop(app);
    }
    assert.equal((await counts(topics, 'a')).at(-1), 55 + 17 + 18 + 19 + 20);
    const gaps = await listGaps(operator(topics));
    assert.deepEqual(
      gaps.map(({ state, gap }) => [state, gap.from, gap.to]),
      [['left out', from, from + 6]],
    );
  });

  it('stops at records that are deleted while it is too slow to read them, after those before them', async () => {
    const topics = await createCountTopics(rig(), 1);
    const gate = Promise.withResolvers<undefined>();
    const app = start(topics, {
      transport: held(rig().transport, gate.promise),
      maxBatchRecords: 10,
      maxBufferedRecords: 20,
    });
    await sendItems(rig(), topics.items, ['a'], 1, 100);
    await until('it has read something', () => app.status().tasks.length === 1);
    // Records that are too large to be read with those before them.
    const producer = await rig().transport.producer();
    for (let n = 0; n < 40; n++)
      await producer.send([
        {
          topic: topics.items,
          key: 'a',
          value: Buffer.from(JSON.stringify({ n, filler: 'x'.repeat(200_000) })),
        },
      ]);
    await producer.close();
    const end = (await rig().transport.endOffsets(topics.items)).get(0) ?? 0;
    await rig().deleteBefore(topics.items, 0, end - 1);
    gate.resolve(undefined);
    await until('it stands still', () => app.status().state === 'halted');
    const [{ gap } = { gap: undefined }] = app.gaps;
    assert.equal(gap?.to, end - 1);
    await until('what came before is committed', async () => (await offsetOf(topics)) === gap.from);
    assert.equal((await counts(topics, 'a')).length, gap.from);
  });

  it('does not begin in the middle of a topic that was made anew while it was away', async () => {
    const topics = await createCountTopics(rig(), 1);
    await processed(topics, 10);
    await rig().recreate({ name: topics.items, partitions: 1 });
    await sendItems(rig(), topics.items, ['b'], 1, 15);
    const app = start(topics);
    await until('it stands still', () => app.status().state === 'halted');
    assert.deepEqual(
      app.status().halts.map(({ code }) => code),
      ['TOPIC_REPLACED'],
    );
    await acceptGaps({ ...operator(topics), by: 'me', why: 'we moved' });
    await caughtUp(topics);
    assert.equal((await counts(topics, 'b')).length, 15);
  });

  it('notices that a topic is made anew while it runs', async () => {
    const topics = await createCountTopics(rig(), 1);
    await sendItems(rig(), topics.items, ['a'], 1, 10);
    const app = start(topics, { onGap: 'go-on' });
    await caughtUp(topics);
    await rig().recreate({ name: topics.items, partitions: 1 });
    await sendItems(rig(), topics.items, ['b'], 1, 15);
    await until('all of the new topic', async () => (await counts(topics, 'b')).length === 15);
    assert.deepEqual(
      app.gaps.map(({ gap }) => gap.reason),
      ['topic-replaced'],
    );
  });

  it('does not begin without its state when the changelog was made anew', async () => {
    const topics = await createCountTopics(rig(), 1);
    await processed(topics, 10);
    await rig().recreate({ name: topics.changelog, partitions: 1, compact: true });
    await sendItems(rig(), topics.items, ['a'], 11, 1);
    const app = start(topics);
    await until('it stands still', () => app.status().state === 'halted');
    assert.deepEqual(
      app.status().halts.map(({ code }) => code),
      ['STATE_LOST'],
    );
    await acceptGaps({ ...operator(topics), by: 'me', why: 'the sums begin anew' });
    await caughtUp(topics);
    assert.equal((await counts(topics, 'a')).at(-1), 11);
  });

  it('waits when Kafka has no positions for a state, and goes on where it was when Kafka has them again', async () => {
    const topics = await createCountTopics(rig(), 1);
    await processed(topics, 10);
    await sendItems(rig(), topics.items, ['a'], 11, 1);
    let forgets = true;
    const app = start(topics, { transport: forgetful(rig().transport, () => forgets), onGap: 'go-on' });
    await until('it stands still', () => app.status().state === 'halted');
    assert.deepEqual(
      app.status().halts.map(({ code }) => code),
      ['POSITION_LOST'],
    );
    assert.match(
      app.status().message ?? '',
      /count has a state from .*items.*\/0, but Kafka has no position/,
    );
    assert.equal((await counts(topics, 'a')).length, 10);
    forgets = false;
    await caughtUp(topics);
    assert.deepEqual((await counts(topics, 'a')).slice(-2), [55, 66]);
  });

  it('begins at the beginning without positions once that is accepted', async () => {
    const topics = await createCountTopics(rig(), 1);
    await processed(topics, 10);
    let forgets = true;
    const transport = forgetful(rig().transport, () => forgets);
    const app = start(topics, { transport });
    await until('it stands still', () => app.status().state === 'halted');
    const [accepted] = await acceptGaps({ ...operator(topics), transport, by: 'me', why: 'they expired' });
    assert.deepEqual([accepted?.gap.reason, accepted?.gap.from], ['position-lost', 0]);
    forgets = false;
    await until('all of it again', async () => (await counts(topics, 'a')).length === 20);
    assert.equal((await counts(topics, 'a')).at(-1), 110);
  });
}
