/** The sink's breaker: when it stops a partition, and when not. */
import assert from 'node:assert/strict';
import { migrate } from '../../../../sinks/timescale/migrate.ts';
import type { TimescaleSink } from '../../../../sinks/timescale/writing/sink.ts';
import { startPostgres, withPool, type TestServer } from '../../support/databases.ts';
import { Plant, until } from '../../support/plant.ts';
import { makeRecord, makeRecords, type SinkRecord } from '../../support/records.ts';

describe('the sink, when the database takes no batch', function () {
  this.timeout(60_000);
  let server: TestServer;
  let plant: Plant;
  let sink: TimescaleSink | undefined;

  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());
  beforeEach(async () => {
    const databaseUrl = await server.createDatabase();
    await migrate({ databaseUrl });
    plant = new Plant(server, databaseUrl);
  });
  afterEach(() => sink?.stop());

  async function startSink(options: Parameters<Plant['sink']>[0]): Promise<TimescaleSink> {
    return (sink = await plant.sink(options));
  }

  it('halts a partition when too many of its records cannot be stored, and continues with the others', async () => {
    await plant.publishBytes(
      'features',
      Array.from({ length: 1_000 }, () => Buffer.from('junk')),
    );
    const good = makeRecords('mesEvents', 0, 50);
    await plant.publish(good);
    const running = await startSink({ topics: ['features', 'mesEvents'] });
    await until('the breaker', () => running.health().state === 'halted');
    await plant.caughtUp(running, ['mesEvents']);
    assert.ok(plant.deadLetters().length <= 100, `${plant.deadLetters().length} dead letters`);
    assert.match(running.health().problems.join(), /features\.v1\/0: .* records could not be stored/);
    await running.stop();
    await plant.assertStored(good);
  });

  /** Has the database refuse the records of these numbers. @returns records of one partition */
  async function refuse(refused: (n: number) => boolean, count: number): Promise<SinkRecord<'features'>[]> {
    const asset = makeRecord('features', 0).asset;
    const records = Array.from({ length: count }, (_, n) => {
      const made = makeRecord('features', n);
      return { ...made, asset, value: { ...made.value, asset, completeness: refused(n) ? 0.125 : 1 } };
    });
    await withPool(plant.databaseUrl, (pool) =>
      pool.query('ALTER TABLE castwatch.features ADD CONSTRAINT refused CHECK (completeness <> 0.125)'),
    );
    return records;
  }

  it('halts on records that the database refuses, however small the batches are', async () => {
    const records = await refuse(() => true, 300);
    const running = await startSink({ topics: ['features'], batchRows: 5 });
    for (let at = 0; at < records.length && running.health().state !== 'halted'; at += 5) {
      const before = plant.deadLetters().length;
      await plant.publish(records.slice(at, at + 5));
      await until(
        'the records',
        () => running.health().state === 'halted' || plant.deadLetters().length >= before + 5,
      );
    }
    assert.equal(running.health().state, 'halted');
    assert.equal(plant.deadLetters().length, 100);
    assert.match(running.health().problems.join(), /100 of the last 100 records could not be stored/);
  });

  it('halves a batch for which the server has not enough memory, until it is stored', async () => {
    // As TimescaleDB runs out of shared memory for locks when a batch touches too many chunks.
    await withPool(plant.databaseUrl, (pool) =>
      pool.query(`
        CREATE FUNCTION castwatch.run_out() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF (SELECT count(*) FROM stored) > 40 THEN
            RAISE EXCEPTION 'out of shared memory' USING ERRCODE = '53200';
          END IF;
          RETURN NULL;
        END $$;
        CREATE TRIGGER run_out AFTER INSERT ON castwatch.features
          REFERENCING NEW TABLE AS stored FOR EACH STATEMENT EXECUTE FUNCTION castwatch.run_out()`),
    );
    const records = makeRecords('features', 0, 300);
    await plant.publish(records);
    const running = await startSink({ topics: ['features'] });
    await plant.caughtUp(running, ['features']);
    await running.stop();
    await plant.assertStored(records);
    assert.equal(plant.deadLetters().length, 0);
  });

  it('goes on when the database refuses fewer than half of a backlog', async () => {
    const records = await refuse((n) => n % 20 < 9, 400);
    await plant.publish(records);
    const running = await startSink({ topics: ['features'] });
    await plant.caughtUp(running, ['features']);
    assert.equal(running.health().state, 'running');
    assert.equal(plant.deadLetters().length, 180);
  });
});
