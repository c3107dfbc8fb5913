/** A partition that the sink's breaker has halted goes on when an operator tells it to. */
import assert from 'node:assert/strict';
import { BreakerLog, deadLetterHeaders, tellToGoOn } from '../../../../stream/index.ts';
import { migrate } from '../../../../sinks/timescale/migrate.ts';
import type { TimescaleSink } from '../../../../sinks/timescale/writing/sink.ts';
import { startPostgres, type TestServer } from '../../support/databases.ts';
import { Plant, until } from '../../support/plant.ts';
import { makeRecords } from '../../support/records.ts';

describe('a halted partition of the sink', function () {
  this.timeout(60_000);
  let server: TestServer;
  let plant: Plant;
  let sink: TimescaleSink | undefined;

  before(async () => {
    server = await startPostgres();
    const databaseUrl = await server.createDatabase();
    await migrate({ databaseUrl });
    plant = new Plant(server, databaseUrl);
  });
  after(async () => {
    await sink?.stop();
    await server.stop();
  });

  it('goes on when an operator tells it to, and stores the good records behind the bad', async () => {
    const { transport } = plant;
    const breakerTopic = plant.names.breakers;
    plant.broker.createTopic(breakerTopic, 1);
    const good = makeRecords('features', 0, 30);
    await plant.publishBytes(
      'features',
      Array.from({ length: 1_000 }, () => Buffer.from('junk')),
    );
    await plant.publish(good);
    const running = await plant.sink({ topics: ['features'], breakerTopic });
    sink = running;
    await until('the breaker', () => running.health().state === 'halted');
    const [standstill] = running.health().standstills;
    assert.deepEqual(
      [standstill?.step, standstill?.topic, standstill?.partition],
      ['sink', 'features.v1', 0],
    );
    const log = new BreakerLog(transport, breakerTopic);
    await until('the report', async () => (await log.standstills()).length === 1);
    await tellToGoOn({ transport, breakerTopic, by: 'Ada', why: 'junk of a test', upTo: 10_000 });
    await plant.caughtUp(running, ['features']);
    await until('the report that it runs', async () => (await log.standstills()).length === 0);
    assert.equal(running.health().state, 'running');
    const places = plant.deadLetters().map(({ headers }) => headers?.[deadLetterHeaders.offset]?.toString());
    assert.equal(new Set(places).size, 1_000);
    await plant.assertStored(good);
  });
});
