/** Dead letters larger than their topic accepts, on a broker that checks sizes. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { until } from '../../base/retry.ts';
import {
  listDeadLetters,
  replayDeadLetters,
  startStreamApp,
  type ListedLetter,
  type StreamApp,
} from '../../stream/index.ts';
import {
  countProcessor,
  createCountTopics,
  readAll,
  readCounted,
  sendItems,
  type CountTopics,
  type Rig,
} from './harness.ts';

const large = 3_000_000;
const wordy = Buffer.alloc(large, '{"temperature": 1534.25, "level": 101.2}, ');

export function largeLettersContract(rig: () => Rig): void {
  const apps: StreamApp[] = [];
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.stop()));
  });

  const start = (topics: CountTopics): StreamApp => {
    const app = startStreamApp(countProcessor(topics), {
      transport: rig().transport,
      application: topics.application,
      deadLetterTopic: topics.deadLetters,
    });
    apps.push(app);
    return app;
  };

  const caughtUp = (topics: CountTopics): Promise<unknown> =>
    until('the group has caught up', async () => {
      const end = (await rig().transport.endOffsets(topics.items)).get(0);
      const group = `${topics.application}-count`;
      return (await rig().transport.committedOffsets(group, topics.items)).get(0) === end;
    });

  const send = async (topic: string, value: Buffer): Promise<void> => {
    const producer = await rig().transport.producer();
    await producer.send([{ topic, key: 'key-0', value, compressesLarge: true }]);
    await producer.close();
  };

  const list = async (topics: CountTopics): Promise<readonly ListedLetter[]> =>
    (await listDeadLetters(rig().transport, topics.deadLetters, `${topics.application}-operators`)).letters;

  const replay = (topics: CountTopics) =>
    replayDeadLetters({
      transport: rig().transport,
      deadLetterTopic: topics.deadLetters,
      group: `${topics.application}-operators`,
    });

  it('are kept and replayed complete when the producer had compressed them', async () => {
    const topics = await createCountTopics(rig(), 1);
    await send(topics.items, wordy);
    await sendItems(rig(), topics.items, ['key-0'], 1, 200);
    start(topics);
    await caughtUp(topics);
    assert.equal((await readCounted(rig(), topics.counted)).get('key-0')?.length, 200);
    assert.equal((await replay(topics)).replayed, 1);
    await caughtUp(topics);
    const [letter, ...others] = await list(topics);
    assert.equal(others.length, 0);
    assert.deepEqual([letter?.replays, letter?.isCut, letter?.bytes], [1, false, large]);
  });

  it('are cut when they cannot be compressed, and replayed from where the original lies', async () => {
    const topics = await createCountTopics(rig(), 1, { itemBytes: 2 * large });
    const value = randomBytes(large);
    await send(topics.items, value);
    await sendItems(rig(), topics.items, ['key-0'], 1, 200);
    start(topics);
    await caughtUp(topics);
    assert.equal((await readCounted(rig(), topics.counted)).get('key-0')?.length, 200);
    const [letter] = await list(topics);
    assert.equal(letter?.isCut, true);
    assert.equal((await replay(topics)).replayed, 1);
    await caughtUp(topics);
    const sent = (await readAll(rig(), topics.items)).filter((record) => record.value?.length === large);
    assert.deepEqual(
      sent.map((record) => record.value?.equals(value)),
      [true, true],
    );
  });

  it('are cut to fewer bytes when their topic accepts less than usual', async () => {
    const topics = await createCountTopics(rig(), 1, { letterBytes: 200_000 });
    await send(topics.items, randomBytes(900_000));
    await sendItems(rig(), topics.items, ['key-0'], 1, 20);
    start(topics);
    await caughtUp(topics);
    assert.equal((await readCounted(rig(), topics.counted)).get('key-0')?.length, 20);
    assert.deepEqual(
      (await list(topics)).map(({ isCut }) => isCut),
      [true],
    );
  });

  it('that no longer fit into their topic hold up no other when they are replayed', async () => {
    const topics = await createCountTopics(rig(), 1, { letterBytes: 2_000_000 });
    const app = start(topics);
    // As an earlier version wrote it.
    const [value, headers] = [randomBytes(1_500_000), { 'dead-letter.topic': topics.items }];
    const producer = await rig().transport.producer();
    await producer.send([
      {
        topic: topics.deadLetters,
        key: 'a',
        value,
        headers: { ...headers, 'dead-letter.partition': '0', 'dead-letter.offset': '5000' },
      },
      { topic: topics.items, key: 'a', value: Buffer.from('poison') },
    ]);
    await producer.close();
    await until('the letter', async () => (await list(topics)).length === 2);
    await app.stop();
    const report = await replay(topics);
    assert.equal(report.replayed, 1);
    assert.match(report.refused[0]?.why ?? '', /MESSAGE_TOO_LARGE/);
  });
}
