/** The list of dead letters, replay and discard, on a broker in memory. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { until } from '../../base/retry.ts';
import {
  deadLetterHeaders,
  discardDeadLetters,
  listDeadLetters,
  MemoryBroker,
  readDeadLetter,
  replayDeadLetters,
  startStreamApp,
  toDeadLetter,
  type ListedLetter,
  type RawRecord,
  type ReplayOptions,
  type ReplayReport,
  type StreamApp,
} from '../../stream/index.ts';
import { countProcessor, createCountTopics, readAll, type CountTopics, type Rig } from './harness.ts';
import { memoryRig } from './memory/rig.ts';

const poison = (text: string): Buffer => Buffer.from(`poison ${text}`);

describe('dead letters', () => {
  let rig: Rig;
  let broker: MemoryBroker;
  let topics: CountTopics;
  let app: StreamApp | undefined;
  const { origin, replays } = deadLetterHeaders;

  beforeEach(async () => {
    broker = new MemoryBroker();
    rig = { ...memoryRig(broker), name: (base) => base };
    topics = await createCountTopics(rig, 2);
    app = undefined;
  });
  afterEach(() => app?.stop());

  it('lie no later than now, because a broker may refuse times ahead; the header has the record’s own time', () => {
    const letter = { source: { topic: 't', partition: 0 }, offset: 3, step: 's', reason: 'r', detail: 'd' };
    const record = (timestamp: number): RawRecord => ({
      ...{ offset: 3, key: Buffer.from('a'), value: Buffer.from('x'), timestamp },
      headers: undefined,
    });
    const ahead = Date.now() + 86_400_000;
    const late = toDeadLetter('letters', record(ahead), letter);
    assert.ok((late.timestamp ?? Infinity) <= Date.now());
    assert.equal(late.headers?.[deadLetterHeaders.timestamp], String(ahead));
    assert.equal(toDeadLetter('letters', record(5), letter).timestamp, 5);
  });

  const start = (): void => {
    app = startStreamApp(countProcessor(topics), {
      transport: rig.transport,
      application: topics.application,
      deadLetterTopic: topics.deadLetters,
      breaker: { minimum: 1_000 },
    });
  };
  const send = (...records: readonly (readonly [key: string | null, value: Buffer | null])[]): void => {
    broker.send(records.map(([key, value]) => ({ topic: topics.items, key, value })));
  };
  const caughtUp = (): Promise<unknown> =>
    until('the group has caught up', async () => {
      const ends = await rig.transport.endOffsets(topics.items);
      const committed = await rig.transport.committedOffsets(`${topics.application}-count`, topics.items);
      return [...ends].every(([partition, end]) => end === 0 || committed.get(partition) === end);
    });
  const group = 'operators';
  const list = async (state: ListedLetter['state'] = 'open'): Promise<readonly ListedLetter[]> => {
    const { letters } = await listDeadLetters(rig.transport, topics.deadLetters, group);
    return letters.filter((letter) => letter.state === state);
  };
  const replay = (options: Partial<ReplayOptions> = {}): Promise<ReplayReport> =>
    replayDeadLetters({
      transport: rig.transport,
      deadLetterTopic: topics.deadLetters,
      group,
      ...options,
    });
  /** Writes the letter of a record as a step does. */
  const bury = (record: Omit<RawRecord, 'timestamp' | 'offset'>, offset: number, step = 'count'): void => {
    const source = { topic: topics.items, partition: 0 };
    const letter = { source, offset, step, reason: 'undecodable', detail: 'no JSON' };
    broker.send([toDeadLetter(topics.deadLetters, { ...record, offset, timestamp: 5 }, letter)]);
  };

  it('that come back are the same letters: the list does not grow', async () => {
    start();
    send(...Array.from({ length: 19 }, (_, n) => [n % 3 === 0 ? null : `key-${n}`, poison(`${n}`)] as const));
    await caughtUp();
    const first = (await list()).map(({ id }) => id).sort();
    assert.equal(first.length, 19);
    for (let times = 1; times <= 3; times++) {
      assert.equal((await replay()).replayed, 19);
      await caughtUp();
      const letters = await list();
      assert.deepEqual(letters.map(({ id }) => id).sort(), first);
      assert.ok(letters.every((letter) => letter.replays === times));
    }
  });

  it('are sent back once, whether all or some are selected, until they come back', async () => {
    bury({ key: Buffer.from('a'), value: poison('a'), headers: undefined }, 0);
    bury({ key: Buffer.from('b'), value: poison('b'), headers: undefined }, 1);
    const some = { select: ({ offset }: ListedLetter) => offset === 1 };
    assert.equal((await replay(some)).replayed, 1);
    assert.equal((await replay(some)).replayed, 0);
    assert.equal((await replay()).replayed, 1);
    assert.deepEqual((await list('replayed')).length, 2);
    assert.equal((await replay({ ...some, again: true })).replayed, 1);
    assert.equal((await readAll(rig, topics.items)).length, 3);
  });

  it('of one record in several steps are sent back as one record', async () => {
    const record = { key: Buffer.from('a'), value: poison('a'), headers: { kept: 'yes' } };
    bury(record, 0, 'count');
    bury(record, 0, 'sink');
    assert.equal((await list()).length, 2);
    assert.equal((await replay()).replayed, 2);
    const [sent, ...others] = await readAll(rig, topics.items);
    assert.equal(others.length, 0);
    assert.deepEqual(Object.keys(sent?.headers ?? {}).sort(), [origin, replays, 'kept'].sort());
    // Both die again, in both steps.
    if (sent !== undefined) for (const step of ['count', 'sink']) bury(sent, 7, step);
    const again = await list();
    assert.deepEqual(
      again.map((letter) => [letter.id, letter.replays]),
      [
        [`count ${topics.items}/0@0`, 1],
        [`sink ${topics.items}/0@0`, 1],
      ],
    );
  });

  it('that retention has deleted are named by where the topic begins', async () => {
    for (let offset = 0; offset < 3; offset++)
      bury({ key: Buffer.from('a'), value: Buffer.from('x'), headers: undefined }, offset);
    const begins = async () => (await listDeadLetters(rig.transport, topics.deadLetters, group)).begins;
    assert.equal((await begins()).size, 0);
    const ends = await rig.transport.endOffsets(topics.deadLetters);
    const [partition] = [...ends].find(([, end]) => end > 1) ?? [0];
    await rig.deleteBefore(topics.deadLetters, partition, 1);
    assert.deepEqual([...(await begins())], [[partition, 1]]);
  });

  it('can be discarded, with the reason kept, and are not replayed then', async () => {
    bury({ key: Buffer.from('a'), value: poison('a'), headers: undefined }, 0);
    bury({ key: null, value: poison('b'), headers: undefined }, 1);
    const { discarded } = await discardDeadLetters({
      transport: rig.transport,
      deadLetterTopic: topics.deadLetters,
      group,
      select: ({ offset }) => offset === 1,
      by: 'Ada',
      why: 'a test of the MES',
    });
    assert.equal(discarded, 1);
    assert.equal((await replay()).replayed, 1);
    const [letter] = await list('discarded');
    assert.equal(letter?.offset, 1);
    assert.equal(letter.decision?.by, 'Ada');
    assert.equal(letter.decision.why, 'a test of the MES');
  });

  it('that cannot be sent back hold up no other, and stay in the list', async () => {
    const record = { key: Buffer.from('a'), value: poison('a'), headers: undefined };
    const detail = { step: 'count', reason: 'undecodable', detail: '' };
    broker.send(
      [
        { topic: 'gone', partition: 0 },
        { topic: topics.items, partition: 7 },
        { topic: topics.items, partition: 1 },
      ].map((source, offset) =>
        toDeadLetter(topics.deadLetters, { ...record, offset, timestamp: 5 }, { ...detail, source, offset }),
      ),
    );
    const report = await replay();
    assert.equal(report.replayed, 1);
    assert.deepEqual(
      report.refused.map(({ why }) => why),
      ['topic gone does not exist', `topic ${topics.items} has no partition 7`],
    );
    assert.equal((await list()).length, 2);
  });

  it('count as replayed when an earlier version has replayed them', async () => {
    bury({ key: Buffer.from('a'), value: poison('a'), headers: undefined }, 0);
    const [{ place } = assert.fail()] = await list();
    const producer = await rig.transport.transactionalProducer('an earlier version');
    await producer.transact([], [{ group, offsets: [{ ...place, offset: place.offset + 1 }] }]);
    bury({ key: Buffer.from('a'), value: poison('b'), headers: undefined }, 1);
    assert.deepEqual(
      (await list()).map(({ offset }) => offset),
      [1],
    );
  });

  describe('larger than their topic accepts', () => {
    const large = 3_000_000;
    const source = { topic: 'readings', partition: 2 };
    const letterOf = (record: Partial<RawRecord>, maxBytes?: number): RawRecord => {
      const original = { offset: 9, key: Buffer.from('a'), value: null, timestamp: 5, headers: undefined };
      const letter = { source, offset: 9, step: 'count', reason: 'undecodable', detail: 'x'.repeat(2_000) };
      const { key, value, headers } = toDeadLetter('letters', { ...original, ...record }, letter, maxBytes);
      return { offset: 0, timestamp: 5, key: key === null ? null : Buffer.from(key), value, headers };
    };
    const bytesOf = ({ key, value, headers = {} }: RawRecord): number =>
      Object.entries(headers).reduce((sum, [name, text]) => sum + name.length + (text?.length ?? 0), 0) +
      (key?.length ?? 0) +
      (value?.length ?? 0);

    it('stay complete when compression makes them fit', () => {
      const value = Buffer.alloc(large, '{"temperature":1534},');
      const letter = letterOf({ value });
      assert.deepEqual(letter.value, value);
      assert.equal(readDeadLetter(letter)?.isCut, false);
    });

    it('are cut otherwise, and say how much there was and where it lies', () => {
      const value = randomBytes(large);
      const letter = letterOf({ value });
      assert.deepEqual(letter.value, value.subarray(0, letter.value?.length));
      assert.ok(bytesOf(letter) < 1_000_000);
      assert.equal(letter.headers?.[deadLetterHeaders.cutValue], String(large));
      const read = readDeadLetter(letter);
      assert.deepEqual([read?.source, read?.offset, read?.isCut], [source, 9, true]);
    });

    for (const maxBytes of [40_000, 1_040_000])
      it(`fit into ${maxBytes} bytes, whichever part is large`, () => {
        const parts: Partial<RawRecord>[] = [
          { value: randomBytes(large) },
          { key: randomBytes(large) },
          { headers: { other: randomBytes(large), kept: Buffer.from('small') } },
          { headers: Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`${n}`, randomBytes(9)])) },
          { key: randomBytes(700_000), value: randomBytes(700_000), headers: { b: randomBytes(700_000) } },
        ];
        for (const part of parts) {
          const letter = letterOf(part, maxBytes);
          assert.ok(bytesOf(letter) < maxBytes, `${bytesOf(letter)} bytes`);
          assert.equal(readDeadLetter(letter)?.isCut, true);
        }
      });

    it('are replayed from where the original lies, as long as it lies there', async () => {
      const value = randomBytes(large);
      const record = { key: Buffer.from('a'), value, headers: { kept: Buffer.from('yes') } };
      broker.send([{ topic: topics.items, partition: 0, ...record }]);
      bury(record, 0);
      bury(record, 99);
      const report = await replay();
      assert.equal(report.replayed, 1);
      assert.match(report.refused[0]?.why ?? '', /items\/0 no longer has offset 99, and the letter was cut/);
      const [, sent] = await readAll(rig, topics.items);
      assert.deepEqual(sent?.value, value);
      assert.equal(sent.headers?.['kept']?.toString(), 'yes');
    });
  });

  it('ignore what a producer has written under the names of their headers', () => {
    const headers = { [deadLetterHeaders.cutValue]: '5', [deadLetterHeaders.topic]: 'other', kept: 'yes' };
    const record: RawRecord = { offset: 1, key: null, value: poison('a'), timestamp: 5, headers };
    const source = { topic: topics.items, partition: 0 };
    const letter = toDeadLetter('letters', record, { source, offset: 1, step: 's', reason: 'r', detail: '' });
    assert.equal(letter.headers?.[deadLetterHeaders.topic], topics.items);
    assert.equal(letter.headers[deadLetterHeaders.cutValue], undefined);
    assert.equal(letter.headers['kept'], 'yes');
  });
});
