/** What the sink does when the records that it was to store next no longer exist. */
import assert from 'node:assert/strict';
import type pg from 'pg';
import type { Gap } from '../../../../stream/index.ts';
import { migrate } from '../../../../sinks/timescale/migrate.ts';
import { readGaps } from '../../../../sinks/timescale/writing/positions.ts';
import type { TimescaleSink } from '../../../../sinks/timescale/writing/sink.ts';
import { startPostgres, withPool, type TestServer } from '../../support/databases.ts';
import { partitions, Plant, until } from '../../support/plant.ts';
import { makeRecords } from '../../support/records.ts';

describe('the sink at a gap', function () {
  this.timeout(60_000);
  let server: TestServer;
  let plant: Plant;
  let sink: TimescaleSink | undefined;
  let gaps: Gap[];

  before(async () => {
    server = await startPostgres();
  });
  beforeEach(async () => {
    const databaseUrl = await server.createDatabase();
    await migrate({ databaseUrl });
    plant = new Plant(server, databaseUrl);
    gaps = [];
  });
  afterEach(() => sink?.stop());
  after(() => server.stop());

  const start = async (): Promise<TimescaleSink> => {
    sink = await plant.sink({
      topics: ['features'],
      watchEvery: 50,
      observer: { gap: (_source, gap) => gaps.push(gap) },
    });
    return sink;
  };

  const stored = async (from: number, to: number): Promise<void> => {
    await plant.publish(makeRecords('features', from, to));
    await plant.caughtUp(await start(), ['features']);
    await sink?.stop();
  };

  const kept = () => withPool(plant.databaseUrl, (pool: pg.Pool) => readGaps(pool, 'sink'));

  it('stores all of a topic that was made anew while it was away, and says so', async () => {
    const old = makeRecords('features', 0, 100);
    await stored(0, 100);
    plant.broker.deleteTopic(plant.names.features);
    plant.broker.createTopic(plant.names.features, partitions);
    const fresh = makeRecords('features', 100, 250);
    await plant.publish(fresh);
    const running = await start();
    await plant.caughtUp(running, ['features']);
    await plant.assertStored([...old, ...fresh]);
    assert.deepEqual([...new Set(gaps.map(({ reason }) => reason))], ['topic-replaced']);
    assert.match(
      running.health().notices[0] ?? '',
      /the topic was made anew.*the database will not have them/,
    );
    assert.equal(running.health().state, 'running');
    assert.equal((await kept()).length, gaps.length);
  });

  it('stores all of a topic that is made anew while it runs', async () => {
    const old = makeRecords('features', 0, 100);
    await plant.publish(old);
    const running = await start();
    await plant.caughtUp(running, ['features']);
    plant.broker.deleteTopic(plant.names.features);
    plant.broker.createTopic(plant.names.features, partitions);
    const fresh = makeRecords('features', 100, 250);
    await plant.publish(fresh);
    await until('the new topic', () => gaps.length > 0);
    await plant.caughtUp(running, ['features']);
    await plant.assertStored([...old, ...fresh]);
  });

  it('names the records that were deleted before it stored them, and stores the rest', async () => {
    await stored(0, 100);
    const topic = plant.names.features;
    const from = (await plant.positions()).get(`${topic}/0`)?.nextOffset ?? 0;
    await plant.publish(makeRecords('features', 100, 200));
    plant.broker.log({ topic, partition: 0 }).deleteBefore(from + 5);
    const running = await start();
    await plant.caughtUp(running, ['features']);
    const missing = { reason: 'deleted', from, to: from + 5 };
    assert.deepEqual(
      gaps.map(({ reason, from: first, to }) => ({ reason, from: first, to })),
      [missing],
    );
    const [{ topic: name, partition, gap } = { topic: '', partition: -1, gap: undefined }] = await kept();
    assert.deepEqual([name, partition], [topic, 0]);
    assert.deepEqual({ reason: gap?.reason, from: gap?.from, to: gap?.to }, missing);
    assert.match(
      running.health().notices[0] ?? '',
      new RegExp(`offsets ${from} to ${from + 4} of ${topic}/0`),
    );
  });

  it('stores the records of partitions that are added while it runs', async () => {
    const running = await start();
    await until('the assignment', () => running.health().partitions.length === partitions);
    plant.broker.addPartitions(plant.names.features, 2 * partitions);
    const records = makeRecords('features', 0, 100);
    await plant.publish(records);
    await until('the new partitions', () => running.health().partitions.length === 2 * partitions);
    await plant.caughtUp(running, ['features']);
    await plant.assertStored(records);
  });
});
