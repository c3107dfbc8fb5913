/** What an operator can do about a breaker that has stopped a task. */
import assert from 'node:assert/strict';
import { until } from '../../base/retry.ts';
import {
  BreakerLog,
  readDeadLetter,
  startStreamApp,
  tellToGoOn,
  type GivenOrder,
  type Standstill,
  type StreamApp,
  type StreamAppOptions,
} from '../../stream/index.ts';
import {
  countProcessor,
  createCountTopics,
  readAll,
  sendItems,
  type CountTopics,
  type Rig,
} from './harness.ts';

const burst = 300;
const breaker = { window: 50, minimum: 20, maxShare: 0.5 };

export function goOnContract(rig: () => Rig): void {
  const apps: StreamApp[] = [];
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.stop()));
  });

  let topics: CountTopics;
  let breakerTopic: string;
  beforeEach(async () => {
    topics = await createCountTopics(rig(), 1);
    breakerTopic = rig().name('breakers');
    await rig().createTopics([{ name: breakerTopic, partitions: 2, compact: true }]);
  });

  const start = (options: Partial<StreamAppOptions> = {}): StreamApp => {
    const app = startStreamApp(countProcessor(topics), {
      transport: rig().transport,
      application: topics.application,
      deadLetterTopic: topics.deadLetters,
      breakerTopic,
      breaker,
      ...options,
    });
    apps.push(app);
    return app;
  };
  const stopped = async (app: StreamApp): Promise<Standstill> => {
    await until('the breaker is open', () => app.status().state === 'halted');
    const [standstill] = app.status().standstills;
    assert.ok(standstill !== undefined);
    return standstill;
  };
  /** The status has a stop a moment before the log, and an order is made of what the log says. */
  const halted = async (app: StreamApp): Promise<Standstill> => {
    const standstill = await stopped(app);
    await until('the log to have the stop', async () => (await reported())?.since === standstill.since);
    return standstill;
  };
  const sendPoison = async (records: number): Promise<void> => {
    const producer = await rig().transport.producer();
    const value = Buffer.from('poison');
    await producer.send(Array.from({ length: records }, () => ({ topic: topics.items, key: 'k', value })));
    await producer.close();
  };
  const goOn = (upTo = 10_000): Promise<readonly GivenOrder[]> =>
    tellToGoOn({ transport: rig().transport, breakerTopic, by: 'Ada', why: 'it was a test', upTo });
  const caughtUp = (): Promise<unknown> =>
    until('the group has caught up', async () => {
      const end = (await rig().transport.endOffsets(topics.items)).get(0);
      const group = `${topics.application}-count`;
      return (await rig().transport.committedOffsets(group, topics.items)).get(0) === end;
    });
  const letters = async (): Promise<number> =>
    (await readAll(rig(), topics.deadLetters)).filter((record) => readDeadLetter(record) !== undefined)
      .length;
  const reported = async (): Promise<Standstill | undefined> =>
    (await new BreakerLog(rig().transport, breakerTopic).read()).get('count/0')?.standstill;

  it('makes dead letters of a burst when told to go on, and the good records behind it come through', async () => {
    await sendPoison(burst);
    await sendItems(rig(), topics.items, ['k'], 1, 30);
    const app = start();
    const standstill = await halted(app);
    assert.equal(standstill.step, 'count');
    assert.equal(standstill.partition, 0);
    assert.deepEqual(await reported(), standstill);
    const given = await goOn();
    assert.equal(given.length, 1);
    await caughtUp();
    assert.equal(await letters(), burst);
    assert.equal((await readAll(rig(), topics.counted)).length, 30);
    assert.equal(app.status().state, 'running');
    assert.equal(await reported(), undefined);
    assert.deepEqual(await goOn(), [], 'nothing stands still');
    // The order covers what was there, and nothing that came later.
    await sendPoison(burst);
    await halted(app);
    assert.equal(await letters(), burst);
  });

  it('dead-letters no more records than it is told, and has committed those', async () => {
    await sendPoison(burst);
    const app = start();
    await halted(app);
    for (const expected of [70, 140]) {
      await goOn(70);
      const state = (): string => JSON.stringify(app.status());
      await until(
        () => `it to stop again at ${expected}: ${state()}`,
        async () => {
          const places = [app.status().standstills[0], await reported()].map(
            (each) => each?.positions.find(({ topic }) => topic === topics.items)?.offset ?? -1,
          );
          return places.every((offset) => offset >= expected) && (await letters()) === expected;
        },
      );
      assert.equal(await letters(), expected);
    }
  });

  it('stands still since the first stop, however often it is restarted, and goes on in the next process', async () => {
    await sendPoison(burst);
    const first = start();
    const { since } = await halted(first);
    await first.stop();
    const second = start();
    assert.equal((await halted(second)).since, since);
    await second.stop();
    await goOn();
    start();
    await caughtUp();
    assert.equal(await letters(), burst);
  });

  it('is reported as running again when a new version of the step can process the records', async () => {
    await sendPoison(burst);
    const broken = start();
    await halted(broken);
    await broken.stop();
    start({ breaker: { minimum: 1_000 } });
    await caughtUp();
    await until('the report', async () => (await reported()) === undefined);
  });

  it('does not stop for one producer’s wrong records while those of others can be processed', async () => {
    const app = start();
    const wrong = await rig().transport.producer();
    const value = Buffer.from('poison');
    for (let sent = 0; sent < burst; sent += 30) {
      // Both write under the same key.
      await sendItems(rig(), topics.items, ['k'], sent / 3 + 1, 10);
      await wrong.send(Array.from({ length: 30 }, () => ({ topic: topics.items, key: 'k', value })));
    }
    await wrong.close();
    await caughtUp();
    assert.equal(app.status().state, 'running');
    assert.equal((await readAll(rig(), topics.counted)).length, burst / 3);
    assert.equal(await letters(), burst);
    assert.deepEqual(
      app.status().quarantines.map(({ step, partition, by }) => [step, partition, by]),
      [['count', 0, 'producer']],
    );
  });

  it('works without the topic, and says what stands still', async () => {
    await sendPoison(burst);
    const app = start({ breakerTopic: rig().name('no-such-topic') });
    assert.equal((await stopped(app)).step, 'count');
  });
}
