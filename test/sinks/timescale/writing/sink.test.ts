/** The sink's promises, on both kinds of server. */
import { storedTopics } from '../../../../schemas/catalogue.ts';
import assert from 'node:assert/strict';
import { deadLetterHeaders } from '../../../../stream/index.ts';
import { migrate } from '../../../../sinks/timescale/migrate.ts';
import { claim } from '../../../../sinks/timescale/writing/positions.ts';
import type { TimescaleSink } from '../../../../sinks/timescale/writing/sink.ts';
import { startPglite, startPostgres, withPool, type TestServer } from '../../support/databases.ts';
import { Plant, until } from '../../support/plant.ts';
import { makeRecord, makeRecords, tagNames, type SinkRecord } from '../../support/records.ts';

for (const [name, start] of [
  ['PostgreSQL', startPostgres],
  ['TimescaleDB (PGlite)', startPglite],
] as const) {
  describe(`timescale sink on ${name}`, function () {
    this.timeout(60_000);
    let server: TestServer;
    let plant: Plant;
    let sinks: TimescaleSink[] = [];

    before(async () => {
      server = await start();
    });
    after(() => server.stop());
    beforeEach(async () => {
      const databaseUrl = await server.createDatabase();
      await migrate({ databaseUrl });
      plant = new Plant(server, databaseUrl);
    });
    afterEach(async () => {
      await Promise.all(sinks.map((sink) => sink.stop()));
      sinks = [];
    });

    async function startSink(options: Parameters<Plant['sink']>[0] = {}): Promise<TimescaleSink> {
      const sink = await plant.sink(options);
      sinks.push(sink);
      return sink;
    }

    /** PGlite serves one connection at a time, so no other client may have one. */
    async function stopSinks(): Promise<void> {
      await Promise.all(sinks.map((sink) => sink.stop()));
      sinks = [];
    }

    async function assertStored(records: readonly SinkRecord[]): Promise<void> {
      await stopSinks();
      await plant.assertStored(records);
    }

    const everything = (from: number, to: number): SinkRecord[] =>
      storedTopics.flatMap((topic) => makeRecords(topic, from, to));

    it('stores every record of every topic as rows of its table', async () => {
      const records = everything(0, 60);
      await plant.publish(records);
      const sink = await startSink();
      await plant.caughtUp(sink);
      await plant.publish(everything(60, 90));
      await plant.caughtUp(sink);
      await assertStored([...records, ...everything(60, 90)]);
    });

    it('continues from its position, and a replay from the beginning changes nothing', async () => {
      const records = everything(0, 30);
      await plant.publish(records);
      await plant.caughtUp(await startSink());
      await stopSinks();
      await withPool(plant.databaseUrl, (pool) =>
        pool.query('UPDATE castwatch.sink_offsets SET next_offset = 0'),
      );
      const duplicates: number[] = [];
      const again = await startSink({ observer: { stored: (report) => duplicates.push(report.duplicates) } });
      await plant.caughtUp(again);
      await assertStored(records);
      assert.ok(duplicates.reduce((sum, n) => sum + n, 0) >= records.length);
    });

    it('refuses a zombie: its batch is not stored once another has claimed the partition', async () => {
      await plant.publish(makeRecords('features', 0, 10));
      const sink = await startSink({ topics: ['features'] });
      await plant.caughtUp(sink, ['features']);
      await stopSinks();
      const stalled = await startSink({ topics: ['features'], linger: 60_000 });
      await until('the stalled sink to be assigned', () => stalled.health().partitions.length === 3);
      await plant.publish(makeRecords('features', 10, 20));
      await until('the stalled sink to have fetched', () =>
        stalled.health().partitions.some(({ fetched, stored }) => fetched > stored),
      );
      const before = await countRows('features', false);
      // Another instance takes over all partitions; this one does not know it.
      await withPool(plant.databaseUrl, async (pool) => {
        const client = await pool.connect();
        const taken = [0, 1, 2].map((partition) => ({ topic: plant.names.features, partition, start: 0 }));
        await claim(client, 'sink', taken);
        client.release();
      });
      await stopSinks();
      assert.equal(await countRows('features', true), before);
      // A sink that owns the partitions stores the rest.
      await plant.caughtUp(await startSink({ topics: ['features'] }), ['features']);
      await assertStored(makeRecords('features', 0, 20));
    });

    it('takes a partition back that another sink claimed by mistake', async () => {
      const sink = await startSink({ topics: ['features'] });
      await until('the assignment', () => sink.health().partitions.length === 3);
      await withPool(plant.databaseUrl, async (pool) => {
        await pool.query('UPDATE castwatch.sink_offsets SET epoch = epoch + 1');
      });
      await plant.publish(makeRecords('features', 0, 20));
      await plant.caughtUp(sink, ['features']);
      await assertStored(makeRecords('features', 0, 20));
    });

    it('stores records again whose commits the database has lost', async () => {
      const records = makeRecords('features', 0, 20);
      await plant.publish(records);
      const sink = await startSink({ topics: ['features'] });
      await plant.caughtUp(sink, ['features']);
      // As after failing over to a standby that was behind.
      await withPool(plant.databaseUrl, (pool) =>
        pool.query(
          'WITH lost AS (DELETE FROM castwatch.features) UPDATE castwatch.sink_offsets SET next_offset = 0',
        ),
      );
      await plant.publish(makeRecords('features', 20, 40));
      await plant.caughtUp(sink, ['features']);
      await assertStored(makeRecords('features', 0, 40));
    });

    it('finds the one record that the database refuses among thousands, and stores the rest', async () => {
      const good = makeRecords('mesEvents', 0, 3_000);
      const bad = makeRecord('mesEvents', 1_500);
      const refused = { ...bad, value: { ...bad.value, id: 'refused' } };
      await withPool(plant.databaseUrl, (pool) =>
        pool.query(`ALTER TABLE castwatch.mes_events ADD CONSTRAINT no_such CHECK (id <> 'refused')`),
      );
      await plant.publish([...good.slice(0, 1_500), refused, ...good.slice(1_501)]);
      let splits = 0;
      const sink = await startSink({ topics: ['mesEvents'], observer: { split: () => (splits += 1) } });
      await plant.caughtUp(sink, ['mesEvents']);
      await assertStored([...good.slice(0, 1_500), ...good.slice(1_501)]);
      const [letter, ...more] = plant.deadLetters();
      assert.equal(more.length, 0);
      assert.ok(splits > 0 && splits < 40, `${splits} splits`);
      assert.equal(letter?.headers?.[deadLetterHeaders.reason]?.toString(), 'refused');
      assert.match(letter.headers[deadLetterHeaders.detail]?.toString() ?? '', /SQLSTATE 23/);
      assert.deepEqual(letter.value, plant.encode('mesEvents', refused.value));
      assert.equal(letter.key?.toString(), refused.asset);
    });

    it('stores rows with texts that PostgreSQL cannot hold, with U+FFFD in place of NUL', async () => {
      // As made by a version that took such texts in: the piece is in each prediction, the source in each reading.
      const untidy = { ...{ batch: 'H\0' }, 'gr\0ade': 'S\u0000355' };
      const predictions = makeRecords('predictions', 0, 200).map((record) => ({
        ...record,
        value: { ...record.value, piece: untidy },
      }));
      const rejected = makeRecords('rejectedReadings', 0, 200).map((record) => ({
        ...record,
        value: { ...record.value, source: 'plc\0x' },
      }));
      await plant.publish([...predictions, ...rejected]);
      let splits = 0;
      const sink = await startSink({ observer: { split: () => (splits += 1) } });
      await plant.caughtUp(sink);
      assert.deepEqual([splits, plant.deadLetters().length], [0, 0]);
      await assertStored([...predictions, ...rejected]);
    });

    it('makes dead letters of records that cannot be decoded, with the original bytes, and counts them', async () => {
      const good = makeRecords('features', 0, 20);
      const counted: string[] = [];
      await plant.publish(good);
      await plant.publishBytes('features', [Buffer.from('junk'), null, Buffer.from([0, 0, 0, 0, 99, 1, 2])]);
      const sink = await startSink({
        topics: ['features'],
        observer: { deadLettered: (topic, reason) => counted.push(`${topic} ${reason}`) },
      });
      await plant.caughtUp(sink, ['features']);
      await assertStored(good);
      assert.deepEqual(counted, [
        'features.v1 undecodable',
        'features.v1 no-value',
        'features.v1 undecodable',
      ]);
      assert.deepEqual(
        plant.deadLetters().map(({ value }) => value?.toString('hex')),
        [Buffer.from('junk').toString('hex'), undefined, '00000000630102'],
      );
    });

    // PGlite serves one connection at a time.
    if (start === startPostgres)
      it('shares the work with a second instance, and takes over when that one stops', async () => {
        const first = await startSink();
        const second = await startSink();
        await until(
          'the work to be shared',
          () => first.health().partitions.length > 0 && second.health().partitions.length > 0,
        );
        await plant.publish(everything(0, 50));
        await until('both to have stored', async () => {
          const positions = await plant.positions();
          return storedTopics.every((topic) =>
            plant.broker
              .partitions(plant.names[topic])
              .every(
                (log, partition) =>
                  positions.get(`${plant.names[topic]}/${partition}`)?.nextOffset === log.end,
              ),
          );
        });
        await second.stop();
        await plant.publish(everything(50, 80));
        await plant.caughtUp(first);
        await assertStored(everything(0, 80));
      });

    it('loses nothing when the database goes away and comes back', async () => {
      const waits: boolean[] = [];
      const sink = await startSink({ observer: { waiting: (_part, waiting) => waits.push(waiting) } });
      await plant.publish(everything(0, 20));
      await plant.caughtUp(sink);
      await server.halt();
      try {
        await plant.publish(everything(20, 60));
        await until('the outage to be noticed', () => sink.health().state === 'waiting');
        assert.match(sink.health().problems.join(), /^database: /);
      } finally {
        await server.resume();
      }
      await plant.caughtUp(sink);
      assert.deepEqual(waits, [true, false]);
      await assertStored(everything(0, 60));
    });

    it('waits for a database that is unreachable when it starts', async () => {
      await plant.publish(everything(0, 20));
      await server.halt();
      let sink: TimescaleSink;
      try {
        sink = await startSink();
        await until('the outage to be noticed', () => sink.health().state === 'waiting');
      } finally {
        await server.resume();
      }
      await plant.caughtUp(sink);
      await assertStored(everything(0, 20));
    });

    it('can be stopped while the database is unreachable, and stores the rest when started again', async () => {
      const sink = await startSink({ drainTimeout: 300 });
      await plant.publish(everything(0, 10));
      await plant.caughtUp(sink);
      await server.halt();
      try {
        await plant.publish(everything(10, 20));
        await until('the outage to be noticed', () => sink.health().state === 'waiting');
        await sink.stop();
      } finally {
        await server.resume();
      }
      sinks = [];
      await plant.caughtUp(await startSink());
      await assertStored(everything(0, 20));
    });

    it('stores the fetched records before it stops', async () => {
      await plant.publish(makeRecords('validatedReadings', 0, 200));
      const sink = await startSink({ topics: ['validatedReadings'], linger: 60_000 });
      await until(
        'the fetch',
        () => sink.health().partitions.reduce((sum, { fetched }) => sum + fetched, 0) >= 200,
      );
      await stopSinks();
      assert.equal(await countRows('validated_readings', true), 200 * tagNames.length);
    });

    async function countRows(table: string, alone: boolean): Promise<number> {
      if (!alone && server.kind === 'timescaledb') return 10;
      return withPool(plant.databaseUrl, async (pool) => {
        const { rows } = await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM castwatch.${table}`);
        return rows[0]?.n ?? -1;
      });
    }
  });
}
