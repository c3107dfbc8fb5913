/** What a stream app guarantees. Runs on every transport. */
import assert from 'node:assert/strict';
import { until } from '../../base/retry.ts';
import {
  deadLetterHeaders,
  readDeadLetter,
  replayDeadLetters,
  startStreamApp,
  type RawRecord,
  type ReplayReport,
  type StoredDeadLetter,
  type StreamApp,
  type StreamAppOptions,
} from '../../stream/index.ts';
import {
  assertExactlyOnce,
  countProcessor,
  countStep,
  createCountTopics,
  keysOf,
  readAll,
  readCounted,
  sendItems,
  type CountTopics,
  type Rig,
} from './harness.ts';
import { failing } from './failing.ts';

const perKey = 200;
const keys = keysOf(7);

export function runtimeContract(rig: () => Rig): void {
  const apps = new Set<StreamApp>();

  const start = (
    topics: CountTopics,
    options: Partial<StreamAppOptions> = {},
    step = countStep,
  ): StreamApp => {
    const app = startStreamApp(countProcessor(topics, step), {
      transport: rig().transport,
      application: topics.application,
      deadLetterTopic: topics.deadLetters,
      sessionTimeout: 6_000,
      maxBatchRecords: 64,
      ...options,
    });
    apps.add(app);
    return app;
  };

  const stop = async (app: StreamApp): Promise<void> => {
    apps.delete(app);
    await app.stop();
  };

  /** Whether the complete input, as it is now, is committed. */
  const caughtUp = async (topics: CountTopics): Promise<void> => {
    await until('the group has caught up', async () => {
      const ends = await rig().transport.endOffsets(topics.items);
      const committed = await rig().transport.committedOffsets(`${topics.application}-count`, topics.items);
      return [...ends].every(([partition, end]) => end === 0 || committed.get(partition) === end);
    });
  };

  const readLetters = async (topics: CountTopics): Promise<readonly RawRecord[]> =>
    (await readAll(rig(), topics.deadLetters)).filter((record) => readDeadLetter(record) !== undefined);

  const replay = (
    topics: CountTopics,
    select?: (letter: StoredDeadLetter) => boolean,
  ): Promise<ReplayReport> =>
    replayDeadLetters({
      transport: rig().transport,
      deadLetterTopic: topics.deadLetters,
      group: `${topics.application}-dead-letters`,
      ...(select === undefined ? {} : { select }),
    });

  afterEach(async () => {
    await Promise.all([...apps].map(stop));
  });

  it('processes every record once and in order, and commits with the outputs', async () => {
    const topics = await createCountTopics(rig(), 3);
    start(topics);
    await sendItems(rig(), topics.items, keys, 1, perKey);
    await caughtUp(topics);
    assertExactlyOnce(await readCounted(rig(), topics.counted), keys, perKey);
  });

  it('continues after a stop where it was, with the state from the changelog', async () => {
    const topics = await createCountTopics(rig(), 3);
    await sendItems(rig(), topics.items, keys, 1, perKey / 2);
    const first = start(topics);
    await until('something was committed', async () => (await readAll(rig(), topics.counted)).length > 0);
    await stop(first);
    assert.equal(first.status().state, 'stopped');
    await sendItems(rig(), topics.items, keys, perKey / 2 + 1, perKey / 2);
    start(topics);
    await caughtUp(topics);
    assertExactlyOnce(await readCounted(rig(), topics.counted), keys, perKey);
  });

  it('hands partitions over without loss or repeat when instances come and go under load', async () => {
    const topics = await createCountTopics(rig(), 4);
    const first = start(topics);
    const sending = sendItems(rig(), topics.items, keys, 1, perKey);
    const second = start(topics);
    await until('both have partitions', () =>
      [first, second].every((app) => app.status().tasks.length === 2),
    );
    await sending;
    await stop(first);
    await until('the second has all partitions', () => second.status().tasks.length === 4);
    await caughtUp(topics);
    assertExactlyOnce(await readCounted(rig(), topics.counted), keys, perKey);
  });

  it('survives transactions that fail before or after they take effect', async () => {
    const topics = await createCountTopics(rig(), 2);
    const failures = { before: 0, after: 0 };
    start(topics, { transport: failing(rig().transport, failures) });
    await sendItems(rig(), topics.items, keys, 1, perKey);
    await caughtUp(topics);
    assert.ok(
      failures.before > 0 && failures.after > 0,
      `failures were injected: ${JSON.stringify(failures)}`,
    );
    assertExactlyOnce(await readCounted(rig(), topics.counted), keys, perKey);
  });

  it('dead-letters what cannot be decoded, with reason, origin and the original bytes, and continues', async () => {
    const topics = await createCountTopics(rig(), 1);
    start(topics, { carryHeaders: ['traceparent'] });
    const producer = await rig().transport.producer();
    const bad = Buffer.from('{not json');
    await producer.send([
      {
        topic: topics.items,
        key: 'key-0',
        value: Buffer.from('{"n":1}'),
        headers: { traceparent: '00-1', other: 'x' },
      },
      { topic: topics.items, key: 'key-0', value: bad, headers: { traceparent: '00-2' } },
      { topic: topics.items, key: 'key-0', value: null },
      { topic: topics.items, key: 'key-0', value: Buffer.from('{"n":2}') },
    ]);
    await producer.close();
    await caughtUp(topics);
    assertExactlyOnce(await readCounted(rig(), topics.counted), ['key-0'], 2);
    const letters = await readAll(rig(), topics.deadLetters);
    const text = (index: number, name: string): string | undefined =>
      letters[index]?.headers?.[name]?.toString();
    assert.deepEqual(
      letters.map((_, index) => text(index, deadLetterHeaders.reason)),
      ['undecodable', 'no-value'],
    );
    assert.deepEqual(letters[0]?.value, bad);
    assert.equal(text(0, deadLetterHeaders.topic), topics.items);
    assert.equal(text(0, deadLetterHeaders.offset), '1');
    assert.equal(text(0, deadLetterHeaders.step), 'count');
    assert.equal(text(0, 'traceparent'), '00-2');
    const [first] = await readAll(rig(), topics.counted);
    assert.equal(first?.headers?.['traceparent']?.toString(), '00-1');
    assert.equal(first.headers['made']?.toString(), 'count');
    assert.equal(first.headers['other'], undefined);
  });

  it('replays dead letters unchanged to the topics they came from', async () => {
    const topics = await createCountTopics(rig(), 2);
    start(topics);
    const producer = await rig().transport.producer();
    await producer.send([
      { topic: topics.items, key: 'key-0', value: Buffer.from('{"n":1}') },
      { topic: topics.items, key: 'key-0', value: Buffer.from('oops'), headers: { kept: 'yes' } },
    ]);
    await producer.close();
    await caughtUp(topics);
    const report = await replay(topics);
    assert.equal(report.replayed, 1);
    assert.equal(report.byReason.get('undecodable'), 1);
    await caughtUp(topics);
    const letters = await readLetters(topics);
    assert.equal(letters.length, 2, 'it died again');
    assert.equal(letters[1]?.headers?.[deadLetterHeaders.replays]?.toString(), '1');
    assert.equal(letters[1].headers['kept']?.toString(), 'yes');
    assert.deepEqual(letters[1].value, Buffer.from('oops'));
  });

  it('replays each dead letter once, until it comes back as the same letter', async () => {
    const topics = await createCountTopics(rig(), 1);
    start(topics);
    const producer = await rig().transport.producer();
    const bad = ['one', 'two', 'three'].map((text) => ({
      topic: topics.items,
      key: text,
      value: Buffer.from(text),
    }));
    await producer.send(bad);
    await producer.close();
    await caughtUp(topics);
    for (let time = 1; time <= 3; time++) {
      assert.equal((await replay(topics)).replayed, 3, 'those that died again since, and no others');
      await caughtUp(topics);
      assert.equal((await readLetters(topics)).length, 3 * (time + 1));
    }
    const isFirst = ({ origin }: StoredDeadLetter): boolean => origin.endsWith('@0');
    const first = await replay(topics, isFirst);
    assert.deepEqual([first.replayed, first.skipped], [1, 2]);
    await caughtUp(topics);
    assert.equal((await replay(topics)).replayed, 3, 'the first has come back');
  });

  it('makes a dead letter of a record on which the step throws, and loses no other record', async () => {
    const topics = await createCountTopics(rig(), 1);
    start(topics);
    await sendItems(rig(), topics.items, keys, 1, 20);
    const producer = await rig().transport.producer();
    await producer.send([{ topic: topics.items, key: 'key-0', value: Buffer.from('{"n":-5}') }]);
    await producer.close();
    await sendItems(rig(), topics.items, keys, 21, 20);
    await caughtUp(topics);
    assertExactlyOnce(await readCounted(rig(), topics.counted), keys, 40);
    const letters = await readAll(rig(), topics.deadLetters);
    assert.equal(letters.length, 1);
    assert.equal(letters[0]?.headers?.[deadLetterHeaders.reason]?.toString(), 'step-failed');
    assert.match(letters[0].headers[deadLetterHeaders.detail]?.toString() ?? '', /negative number -5/);
  });

  it('stops a task when nearly all of its records fail, before it has dead-lettered its whole input', async () => {
    const topics = await createCountTopics(rig(), 1);
    const app = start(topics, { breaker: { window: 50, minimum: 20, maxShare: 0.5 } });
    const producer = await rig().transport.producer();
    const records = Array.from({ length: 500 }, () => ({
      topic: topics.items,
      key: 'k',
      value: Buffer.from('poison'),
    }));
    await producer.send(records);
    await producer.close();
    await until('the breaker is open', () => app.status().state === 'halted');
    assert.match(app.status().message ?? '', /20 of the last 20 records/);
    assert.ok((await readAll(rig(), topics.deadLetters)).length < 50);
  });

  it('sees in a table what was acknowledged before a stream record was sent', async () => {
    const topics = await createCountTopics(rig(), 2);
    start(topics);
    const producer = await rig().transport.producer();
    for (let n = 1; n <= 60; n++) {
      for (const key of keys) {
        await producer.send([
          { topic: topics.labels, key, value: Buffer.from(JSON.stringify({ label: `label-${n}` })) },
        ]);
      }
      await producer.send(
        keys.map((key) => ({ topic: topics.items, key, value: Buffer.from(JSON.stringify({ n })) })),
      );
    }
    await producer.close();
    await caughtUp(topics);
    for (const results of (await readCounted(rig(), topics.counted)).values()) {
      for (const { count, label } of results) {
        assert.ok(Number(label.slice('label-'.length)) >= count, `record ${count} saw ${label}`);
      }
    }
    assertExactlyOnce(await readCounted(rig(), topics.counted), keys, 60);
  });

  it('pauses fetching when the step is slower than the input, and still processes everything', async () => {
    const topics = await createCountTopics(rig(), 2);
    let most = 0;
    start(topics, {
      maxBatchRecords: 10,
      maxBufferedRecords: 20,
      observer: { buffered: (_step, _partition, records) => (most = Math.max(most, records)) },
    });
    await sendItems(rig(), topics.items, keys, 1, perKey);
    await caughtUp(topics);
    assertExactlyOnce(await readCounted(rig(), topics.counted), keys, perKey);
    assert.ok(most > 0);
  });

  it('keeps an interval between transactions, except for a full batch and at the end', async () => {
    const topics = await createCountTopics(rig(), 1);
    let transactions = 0;
    const settings = {
      maxBatchRecords: 10,
      commitInterval: 3_600_000,
      observer: { transaction: () => (transactions += 1) },
    };
    const first = start(topics, settings);
    // Commits as soon as it can. What it has committed has then reached the other app, too.
    const witness = { ...(await createCountTopics(rig(), 1)), items: topics.items };
    start(witness);
    await sendItems(rig(), topics.items, ['a'], 1, 1);
    await caughtUp(topics);
    for (let n = 2; n <= 11; n++) {
      await sendItems(rig(), topics.items, ['a'], n, 1);
      await caughtUp(witness);
    }
    await caughtUp(topics);
    assert.equal(transactions, 2);
    await sendItems(rig(), topics.items, ['a'], 12, 3);
    await stop(first);
    start(topics);
    await caughtUp(topics);
    assertExactlyOnce(await readCounted(rig(), topics.counted), ['a'], 14);
  });
}
