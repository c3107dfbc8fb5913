/** What steps in a chain guarantee, and that they can run separately before and after. Runs on every transport. */
import assert from 'node:assert/strict';
import { until } from '../../base/retry.ts';
import {
  deadLetterHeaders,
  emit,
  absorbed,
  replayDeadLetters,
  stage,
  startStreamChain,
  type BatchReport,
  type Input,
  type Output,
  type Processor,
  type Stage,
  type Step,
  type StreamApp,
  type StreamAppOptions,
} from '../../stream/index.ts';
import {
  assertExactlyOnce,
  countProcessor,
  createCountTopics,
  jsonCodec,
  keysOf,
  readAll,
  readCounted,
  sendItems,
  type Counted,
  type CountTopics,
  type Rig,
} from './harness.ts';
import { failing } from './failing.ts';

const keys = keysOf(7);

type TallyIn = Input<'counted', Counted> | Input<'names', { readonly name: string }>;
type TallyOut = Output<'tallied', Tally>;

/** The second step's output: the number of records of its key so far, and the latest value from its table. */
interface Tally {
  readonly seen: number;
  readonly count: number;
  readonly offset: number;
  readonly name: string;
}

interface TallyState {
  seen: number;
  name: string;
}

const tallyStep: Step<TallyIn, TallyOut, TallyState> = {
  name: 'tally',
  create: () => ({ seen: 0, name: '' }),
  process: ({ input, key, timestamp, offset }, state) => {
    if (input.from === 'names') {
      state.name = input.value.name;
      return absorbed;
    }
    state.seen += 1;
    const value = { seen: state.seen, count: input.value.count, offset, name: state.name };
    return emit({ to: 'tallied', key, timestamp, value });
  },
};

interface ChainTopics extends CountTopics {
  readonly names: string;
  readonly tallied: string;
  readonly tallyChangelog: string;
}

async function createTopics(rig: Rig, partitions: number): Promise<ChainTopics> {
  const topics = await createCountTopics(rig, partitions);
  const more = {
    names: rig.name('names'),
    tallied: rig.name('tallied'),
    tallyChangelog: rig.name('tally-changelog'),
  };
  await rig.createTopics(Object.values(more).map((name) => ({ name, partitions })));
  return { ...topics, ...more };
}

const tallyProcessor = (topics: ChainTopics): Processor<TallyIn, TallyOut, TallyState> => ({
  step: tallyStep,
  inputs: {
    counted: { topic: topics.counted, codec: jsonCodec<Counted>(), role: 'stream' },
    names: { topic: topics.names, codec: jsonCodec<{ name: string }>(), role: 'table' },
  },
  outputs: { tallied: { topic: topics.tallied, codec: jsonCodec<Tally>() } },
  state: { codec: jsonCodec<TallyState>(), changelog: topics.tallyChangelog },
});

export function chainContract(rig: () => Rig): void {
  const apps = new Set<StreamApp>();

  const start = (
    topics: ChainTopics,
    stages: readonly Stage[],
    options: Partial<StreamAppOptions> = {},
  ): StreamApp => {
    const app = startStreamChain(stages, {
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
  const stop = async (...stopped: StreamApp[]): Promise<void> => {
    for (const app of stopped) apps.delete(app);
    await Promise.all(stopped.map((app) => app.stop()));
  };
  const first = (topics: ChainTopics): Stage => stage(countProcessor(topics));
  const second = (topics: ChainTopics): Stage => stage(tallyProcessor(topics));
  const startChain = (topics: ChainTopics, options: Partial<StreamAppOptions> = {}): StreamApp =>
    start(topics, [first(topics), second(topics)], options);
  const startApart = (topics: ChainTopics): StreamApp[] => [
    start(topics, [first(topics)]),
    start(topics, [second(topics)]),
  ];

  const isAtEnd = async (group: string, topic: string): Promise<boolean> => {
    const ends = await rig().transport.endOffsets(topic);
    const committed = await rig().transport.committedOffsets(group, topic);
    return [...ends].every(([partition, end]) => end === 0 || committed.get(partition) === end);
  };
  /** Whether each step's own group has read all of its input, chained or not. */
  const caughtUp = async (topics: ChainTopics): Promise<void> => {
    await until('the first has caught up', () => isAtEnd(`${topics.application}-count`, topics.items));
    await until('the second has caught up', () => isAtEnd(`${topics.application}-tally`, topics.counted));
  };

  /** Asserts that both outputs have each record once and in order, and that each tally has the right offset of its record. */
  const assertAll = async (topics: ChainTopics, perKey: number): Promise<void> => {
    assertExactlyOnce(await readCounted(rig(), topics.counted), keys, perKey);
    const offsets = new Map<string, number>();
    for (const { key, value, offset } of await readAll(rig(), topics.counted)) {
      const { count } = JSON.parse(value?.toString() ?? '') as Counted;
      offsets.set(`${key?.toString() ?? ''} ${count}`, offset);
    }
    const seen = new Map<string, number>();
    for (const { key, value } of await readAll(rig(), topics.tallied)) {
      const name = key?.toString() ?? '';
      const tally = JSON.parse(value?.toString() ?? '') as Tally;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      assert.deepEqual([tally.seen, tally.count], [seen.get(name), seen.get(name)], name);
      assert.equal(
        tally.offset,
        offsets.get(`${name} ${tally.count}`),
        'the record lies where it was said to',
      );
    }
    assert.deepEqual([...seen].sort(), keys.map((key) => [key, perKey]).sort());
  };

  afterEach(() => stop(...apps));

  it('writes the same as separate steps, and commits for each step in its own group', async () => {
    const topics = await createTopics(rig(), 3);
    const reports: BatchReport[] = [];
    const app = startChain(topics, { observer: { batch: (report) => reports.push(report) } });
    await sendItems(rig(), topics.items, keys, 1, 100);
    await caughtUp(topics);
    await assertAll(topics, 100);
    assert.deepEqual(app.status().steps, ['count', 'tally']);
    for (const step of ['count', 'tally']) {
      const records = reports.filter((report) => report.step === step).map((report) => report.records);
      assert.equal(
        records.reduce((sum, each) => sum + each, 0),
        100 * keys.length,
      );
    }
  });

  it('takes over from separate steps, with the records between them, and hands back', async () => {
    const topics = await createTopics(rig(), 2);
    // The second is far behind the first when the chain begins.
    const alone = start(topics, [first(topics)]);
    await sendItems(rig(), topics.items, keys, 1, 40);
    await until('the first is done', () => isAtEnd(`${topics.application}-count`, topics.items));
    await stop(alone);
    await sendItems(rig(), topics.items, keys, 41, 40);
    const chain = startChain(topics);
    await caughtUp(topics);
    await stop(chain);
    await sendItems(rig(), topics.items, keys, 81, 40);
    const apart = startApart(topics);
    await caughtUp(topics);
    await stop(...apart);
    const again = startChain(topics);
    await sendItems(rig(), topics.items, keys, 121, 40);
    await caughtUp(topics);
    await stop(again);
    await assertAll(topics, 160);
  });

  it('survives transactions that fail before or after they take effect', async () => {
    const topics = await createTopics(rig(), 2);
    const failures = { before: 0, after: 0 };
    startChain(topics, { transport: failing(rig().transport, failures) });
    await sendItems(rig(), topics.items, keys, 1, 120);
    await caughtUp(topics);
    assert.ok(failures.before > 0 && failures.after > 0, JSON.stringify(failures));
    await assertAll(topics, 120);
  });

  it('hands partitions over without loss or repeat when instances come and go', async () => {
    const topics = await createTopics(rig(), 4);
    const one = startChain(topics);
    const sending = sendItems(rig(), topics.items, keys, 1, 150);
    const two = startChain(topics);
    await until('both have partitions', () => [one, two].every((app) => app.status().tasks.length === 2));
    await sending;
    await stop(one);
    await caughtUp(topics);
    await assertAll(topics, 150);
  });

  it('writes no record twice while the second step also runs separately', async () => {
    const topics = await createTopics(rig(), 1);
    const stranger = start(topics, [second(topics)]);
    await until('it runs', () => stranger.status().state === 'running');
    startChain(topics);
    await sendItems(rig(), topics.items, keys, 1, 60);
    await stop(stranger);
    await caughtUp(topics);
    await assertAll(topics, 60);
  });

  it('reads what another producer writes between the steps', async () => {
    const topics = await createTopics(rig(), 1);
    startChain(topics);
    await sendItems(rig(), topics.items, ['key-0'], 1, 5);
    await caughtUp(topics);
    const producer = await rig().transport.producer();
    const value = Buffer.from(JSON.stringify({ key: 'key-0', count: 99, sum: 1, label: '' }));
    await producer.send([{ topic: topics.counted, key: 'key-0', value }]);
    await producer.close();
    await sendItems(rig(), topics.items, ['key-0'], 6, 5);
    await caughtUp(topics);
    const counts = (await readAll(rig(), topics.tallied)).map(
      (record) => (JSON.parse(record.value?.toString() ?? '') as Tally).count,
    );
    assert.deepEqual(counts, [1, 2, 3, 4, 5, 99, 6, 7, 8, 9, 10]);
  });

  it('makes a dead letter of a record on which the second step throws, and processes the replay', async () => {
    const topics = await createTopics(rig(), 1);
    const app = startChain(topics);
    const producer = await rig().transport.producer();
    const send = (n: number) =>
      producer.send([{ topic: topics.items, key: 'key-0', value: Buffer.from(JSON.stringify({ n })) }]);
    await send(1);
    await send(2);
    await caughtUp(topics);
    await stop(app);
    const failing: typeof tallyStep.process = (record, state, extra) => {
      if (record.input.from === 'counted' && record.input.value.count === 3) throw new Error('not three');
      return tallyStep.process(record, state, extra);
    };
    const tally = { ...tallyProcessor(topics), step: { ...tallyStep, process: failing } };
    const broken = start(topics, [first(topics), stage(tally)]);
    await send(3);
    await send(4);
    await producer.close();
    await caughtUp(topics);
    const letters = await readAll(rig(), topics.deadLetters);
    const text = (name: string): string | undefined => letters[0]?.headers?.[name]?.toString();
    assert.equal(letters.length, 1);
    assert.equal(text(deadLetterHeaders.step), 'tally');
    assert.equal(text(deadLetterHeaders.reason), 'step-failed');
    assert.equal(text(deadLetterHeaders.topic), topics.counted);
    const third = (await readAll(rig(), topics.counted)).find(({ value }) => /"count":3/.test(String(value)));
    assert.equal(text(deadLetterHeaders.offset), String(third?.offset));
    assert.deepEqual(letters[0]?.value, third?.value);
    // The step is fixed and the record is replayed to the second step's topic. The first step does not see it.
    await stop(broken);
    await replayDeadLetters({
      transport: rig().transport,
      deadLetterTopic: topics.deadLetters,
      group: `${topics.application}-dead-letters`,
    });
    startChain(topics);
    await caughtUp(topics);
    const counts = (await readAll(rig(), topics.tallied)).map(
      ({ value }) => (JSON.parse(value?.toString() ?? '') as Tally).count,
    );
    assert.deepEqual(counts, [1, 2, 4, 3]);
  });

  it('sees in the second step’s table what was acknowledged before a record was sent', async () => {
    const topics = await createTopics(rig(), 2);
    startChain(topics);
    const producer = await rig().transport.producer();
    for (let n = 1; n <= 30; n++) {
      for (const key of keys) {
        const name = Buffer.from(JSON.stringify({ name: `name-${n}` }));
        await producer.send([{ topic: topics.names, key, value: name }]);
      }
      await producer.send(
        keys.map((key) => ({ topic: topics.items, key, value: Buffer.from(JSON.stringify({ n })) })),
      );
    }
    await producer.close();
    await caughtUp(topics);
    for (const { value } of await readAll(rig(), topics.tallied)) {
      const { count, name } = JSON.parse(value?.toString() ?? '') as Tally;
      assert.ok(Number(name.slice('name-'.length)) >= count, `${name} at ${count}`);
    }
  });

  it('refuses steps that do not follow one another', async () => {
    const topics = await createTopics(rig(), 1);
    assert.throws(() => start(topics, [second(topics), first(topics)]), /reads nothing that tally writes/);
  });
}
