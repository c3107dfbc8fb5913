/** The sink's breaker: when it stops a partition, and when not. */
import assert from 'node:assert/strict';
import { BreakerLog, deadLetterHeaders, partitionForKey, tellToGoOn } from '../../../../stream/index.ts';
import { migrate } from '../../../../sinks/timescale/migrate.ts';
import type { TimescaleSink } from '../../../../sinks/timescale/writing/sink.ts';
import { startPostgres, withPool, type TestServer } from '../../support/databases.ts';
import { partitions, Plant, until } from '../../support/plant.ts';
import { makeRecord, makeRecords, type SinkRecord } from '../../support/records.ts';

/** Another key of the same partition. */
function besides(key: string): string {
  const partition = (name: string): number => partitionForKey(Buffer.from(name), partitions);
  for (let n = 0; ; n += 1) if (partition(`other${n}`) === partition(key)) return `other${n}`;
}

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

  const halted = (running: TimescaleSink): boolean => running.health().state === 'halted';
  const stored = (running: TimescaleSink): number =>
    running.health().partitions.reduce((sum, partition) => sum + partition.stored, 0);

  it('halts on records that the database refuses one by one, before more than a handful are dead letters', async () => {
    const records = await refuse((n) => n >= 200, 300);
    const running = await startSink({ topics: ['features'] });
    await plant.publish(records.slice(0, 200));
    await plant.caughtUp(running, ['features']);
    for (const record of records.slice(200)) {
      if (halted(running)) break;
      const before = stored(running);
      await plant.publish([record]);
      await until('the record', () => halted(running) || stored(running) > before);
    }
    assert.ok(halted(running));
    assert.equal(plant.deadLetters().length, 5);
    assert.match(
      running.health().problems.join(),
      /6 of the last 6 records could not be stored.*SQLSTATE 23514/,
    );
    await running.stop();
    await plant.assertStored(records.slice(0, 200));
  });

  it('makes no dead letter when the database refuses a whole backlog, and stores it when the server is mended', async () => {
    const { transport } = plant;
    const breakerTopic = plant.names.breakers;
    plant.broker.createTopic(breakerTopic, 1);
    const records = await refuse(() => true, 1_565);
    await plant.publish(records);
    const running = await startSink({ topics: ['features'], breakerTopic });
    await until('the breaker', () => halted(running));
    assert.equal(plant.deadLetters().length, 0);
    assert.ok([...(await plant.positions()).values()].every(({ nextOffset }) => nextOffset === 0));
    await withPool(plant.databaseUrl, (pool) =>
      pool.query('ALTER TABLE castwatch.features DROP CONSTRAINT refused'),
    );
    const log = new BreakerLog(transport, breakerTopic);
    await until('the report', async () => (await log.standstills()).length === 1);
    await tellToGoOn({ transport, breakerTopic, by: 'Ada', why: 'mended', upTo: 10_000 });
    await plant.caughtUp(running, ['features']);
    await running.stop();
    assert.equal(plant.deadLetters().length, 0);
    await plant.assertStored(records);
  });

  it('goes on when only the records of one key are refused, among good ones of others', async () => {
    const records = await refuse((n) => n % 3 > 0, 600);
    await plant.publish(
      records.map((record, n) => (n % 3 > 0 ? record : { ...record, asset: besides(record.asset) })),
    );
    const running = await startSink({ topics: ['features'] });
    await plant.caughtUp(running, ['features']);
    assert.equal(running.health().state, 'running');
    assert.equal(plant.deadLetters().length, 400);
  });

  for (const [code, message] of [
    ['53200', 'out of shared memory'],
    ['57014', 'canceling statement due to statement timeout'],
  ] as const)
    it(`makes one record that ends its statement with ${code} a dead letter, and stores the others`, async () => {
      const records = makeRecords('features', 0, 60);
      const killer = makeRecord('features', 60);
      const bad = { ...killer, value: { ...killer.value, completeness: 0.125 } };
      await raiseFor('features', 'NEW.completeness = 0.125', code, message);
      await plant.publish([...records.slice(0, 20), bad, ...records.slice(20)]);
      const running = await startSink({ topics: ['features'] });
      await plant.caughtUp(running, ['features']);
      await running.stop();
      await plant.assertStored(records);
      const [letter, ...more] = plant.deadLetters();
      assert.equal(more.length, 0);
      const detail = letter?.headers?.[deadLetterHeaders.detail]?.toString() ?? '';
      assert.match(detail, new RegExp(`fails on this record each time.*${message}.*${code}`));
    });

  it('waits, and makes nothing a dead letter, while the server has no memory for anything', async () => {
    await raiseFor('features', 'true', '53200', 'out of memory');
    await raiseFor('sink_offsets', 'OLD.next_offset IS NOT NULL', '53200', 'out of memory');
    const records = makeRecords('features', 0, 1);
    await plant.publish(records);
    let failures = 0;
    const running = await startSink({
      topics: ['features'],
      observer: { attempt: (outcome) => (failures += outcome === 'unavailable' ? 1 : 0) },
    });
    await until('more failures than a single record is allowed', () => failures > 5);
    assert.equal(running.health().state, 'waiting');
    assert.equal(plant.deadLetters().length, 0);
    await withPool(plant.databaseUrl, (pool) => pool.query('DROP FUNCTION castwatch.fail CASCADE'));
    await plant.caughtUp(running, ['features']);
    await running.stop();
    await plant.assertStored(records);
  });

  /** Has a statement fail with this code when it writes such a row. */
  async function raiseFor(table: string, condition: string, code: string, message: string): Promise<void> {
    const moment = table === 'sink_offsets' ? 'UPDATE' : 'INSERT';
    await withPool(plant.databaseUrl, (pool) =>
      pool.query(`
        CREATE OR REPLACE FUNCTION castwatch.fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '${message}' USING ERRCODE = '${code}'; END $$;
        CREATE TRIGGER fail BEFORE ${moment} ON castwatch.${table}
          FOR EACH ROW WHEN (${condition}) EXECUTE FUNCTION castwatch.fail()`),
    );
  }

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
