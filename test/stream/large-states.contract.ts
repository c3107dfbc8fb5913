/** States that are larger than one record may be. Runs on every transport. */
import assert from 'node:assert/strict';
import { until } from '../../base/retry.ts';
import { emit, startStreamApp, type StreamApp } from '../../stream/index.ts';
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

const keys = keysOf(3);
const megabyte = 1024 * 1024;

/** Counts as ever. Its state grows by a third of a megabyte with each record, up to three. The label shows the length. */
const growing: typeof countStep = {
  ...countStep,
  process(record, state, extra) {
    if (state.label.length < 3 * megabyte) state.label += 'x'.repeat(megabyte / 3);
    const outcome = countStep.process(record, state, extra);
    if (outcome.kind !== 'emit') return outcome;
    return emit(
      ...outcome.records.map((output) => ({
        ...output,
        value: { ...output.value, label: String(output.value.label.length) },
      })),
    );
  },
};

export function largeStatesContract(rig: () => Rig): void {
  let app: StreamApp | undefined;
  afterEach(() => app?.stop());

  const start = (topics: CountTopics): StreamApp =>
    startStreamApp(countProcessor(topics, growing), {
      transport: rig().transport,
      application: topics.application,
      deadLetterTopic: topics.deadLetters,
      maxBatchRecords: 10,
    });
  const caughtUp = (topics: CountTopics): Promise<unknown> =>
    until('the group has caught up', async () => {
      const end = (await rig().transport.endOffsets(topics.items)).get(0);
      const group = `${topics.application}-count`;
      return (await rig().transport.committedOffsets(group, topics.items)).get(0) === end;
    });

  it('writes a state that outgrows a record in pieces, and restores it', async () => {
    const topics = await createCountTopics(rig(), 1);
    app = start(topics);
    await sendItems(rig(), topics.items, keys, 1, 20);
    await caughtUp(topics);
    await app.stop();
    app = start(topics);
    await sendItems(rig(), topics.items, keys, 21, 20);
    await caughtUp(topics);
    const counted = await readCounted(rig(), topics.counted);
    assertExactlyOnce(counted, keys, 40);
    for (const key of keys) {
      const lengths = (counted.get(key) ?? []).map(({ label }) => Number(label));
      assert.ok(lengths[20] === lengths[19] && (lengths[20] ?? 0) >= 3 * megabyte - 10, String(lengths[20]));
    }
    assert.deepEqual(await readAll(rig(), topics.deadLetters), []);
  });
}

/** States that the broker refuses. Only for brokers that check sizes. */
export function refusedStatesContract(rig: () => Rig): void {
  let app: StreamApp | undefined;
  afterEach(() => app?.stop());

  /** Counts as ever. The state of one key becomes too large. */
  const oneGrows: typeof countStep = {
    ...countStep,
    process: (record, state, extra) =>
      (record.key === 'key-0' ? growing : countStep).process(record, state, extra),
  };
  const start = (topics: CountTopics, log: string[] = []): StreamApp =>
    startStreamApp(countProcessor(topics, oneGrows), {
      transport: rig().transport,
      application: topics.application,
      deadLetterTopic: topics.deadLetters,
      breaker: { minimum: 1_000 },
      log: {
        info: () => undefined,
        warn: (_fields, message) => log.push(message),
        error: (_fields, message) => log.push(message),
      },
    });

  it('become dead letters of the records that made them, and nothing else is lost', async () => {
    const topics = await createCountTopics(rig(), 1, { stateBytes: 100_000 });
    const [, ...others] = keys;
    await sendItems(rig(), topics.items, others, 1, 20);
    await sendItems(rig(), topics.items, ['key-0'], 1, 2);
    await sendItems(rig(), topics.items, others, 21, 20);
    app = start(topics);
    await until('the group has caught up', async () => {
      const end = (await rig().transport.endOffsets(topics.items)).get(0);
      const group = `${topics.application}-count`;
      return (await rig().transport.committedOffsets(group, topics.items)).get(0) === end;
    });
    assertExactlyOnce(await readCounted(rig(), topics.counted), others, 40);
    const letters = await readAll(rig(), topics.deadLetters);
    assert.deepEqual(
      letters.map(({ key, value }) => `${key?.toString() ?? ''} ${value?.toString() ?? ''}`),
      ['key-0 {"n":1}', 'key-0 {"n":2}'],
    );
  });

  it('make the task stand still when the dead letter is refused too, and never a loop', async () => {
    const topics = await createCountTopics(rig(), 1, { stateBytes: 100_000, letterBytes: 100 });
    await sendItems(rig(), topics.items, keys, 1, 2);
    const log: string[] = [];
    app = start(topics, log);
    await until('it stands still', () => app?.status().state === 'halted');
    const [standstill] = app.status().standstills;
    assert.match(standstill?.why ?? '', /refuses .*MESSAGE_TOO_LARGE/);
    assert.equal(log.filter((message) => message.includes('stands still')).length, 1);
  });
}
