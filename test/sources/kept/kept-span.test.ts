/** One history is the same when it is published, read from the input topics, and read from a real database. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { openPool } from '../../../roles/connections.ts';
import { storedReadings } from '../../../roles/stored-readings.ts';
import { databaseHistory } from '../../../sources/kept/database.ts';
import { amongEvents } from '../../../sources/kept/kept-span.ts';
import { topicHistory } from '../../../sources/kept/topic.ts';
import { collectDataset } from '../../../models/data/collect-dataset.ts';
import type { Dataset } from '../../../models/data/labelled-dataset.ts';
import type { ProcessDefinition } from '../../../processes/schema.ts';
import { featuresOffline, type OfflineRecord, type OfflineRecords } from '../../../processors/offline.ts';
import type { ValidatedReading } from '../../../schemas/generated/types.ts';
import { topicIds, topicNames } from '../../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../../schemas/registry/serde.ts';
import { storedHistory } from '../../../sinks/timescale/queries/history.ts';
import { loadRows } from '../../../sinks/timescale/writing/load-rows.ts';
import { migrate } from '../../../sinks/timescale/migrate.ts';
import { tables } from '../../../sinks/timescale/tables/tables.ts';
import { createCsvSource } from '../../../sources/csv/csv.ts';
import { MemoryBroker, MemoryTransport } from '../../../stream/index.ts';
import { CastwatchError } from '../../../base/errors.ts';
import { classesPlant, writeParts } from '../../models/small-classes.ts';
import { mesEvent, smallWithBaseline as definition, start } from '../../processors/support.ts';
import { untidyRecords, withLabels } from '../../processors/untidy.ts';
import { startPostgres, type TestServer } from '../../sinks/support/databases.ts';
import { seed } from '../../support/seed.ts';
import { replayableContract } from '../contract.ts';

const topics = topicNames();
const serde = serdeWithoutRegistry();
const tags = definition.tags.map(({ id }) => id);

/** Some readings are late, repeated or damaged, and some bytes on the topic cannot be decoded. */
const records = withLabels(untidyRecords(seed, 1_200)).map((record): OfflineRecord => {
  if (record.topic !== 'mesEvents') return record;
  // the outermost piece, so that it makes the groups
  return { ...record, value: { ...record.value, level: 'batch' } };
});

describe('kept history', function () {
  this.timeout(60_000);
  let server: TestServer;
  let pool: Pool;
  let kafka: Parameters<typeof topicHistory>[0];
  const validated: ValidatedReading[] = [];

  before(async () => {
    kafka = await published(records);
    const producer = await kafka.transport.producer();
    await producer.send([
      { topic: topics.sensorReadings, key: 'E/S/A/L/C1', value: Buffer.from('no reading'), timestamp: start },
    ]);

    server = await startPostgres();
    pool = await store(definition, records, validated);
  });
  after(async () => {
    await pool.end();
    await server.stop();
  });

  async function published(all: readonly OfflineRecord[]): Promise<typeof kafka> {
    const broker = new MemoryBroker();
    for (const id of topicIds) broker.createTopic(topics[id], 2);
    const transport = new MemoryTransport(broker);
    const producer = await transport.producer();
    for (const { topic, value, timestamp } of all) {
      if (value === null || topic === 'validatedReadings') continue;
      const bytes = serde.codec(topic).encode(value);
      await producer.send([{ topic: topics[topic], key: value.asset, value: bytes, timestamp }]);
    }
    return { transport, serde, topics };
  }

  /** Stores the records as the sink does, in a separate database. */
  async function store(
    plant: ProcessDefinition,
    all: readonly OfflineRecord[],
    readings: ValidatedReading[] = [],
  ): Promise<Pool> {
    const databaseUrl = await server.createDatabase();
    await migrate({ databaseUrl });
    const stored = openPool(databaseUrl);
    const sinks = { validatedReadings: (reading: ValidatedReading) => readings.push(reading) };
    await featuresOffline({ definition: plant, records: [all], sinks });
    const client = await stored.connect();
    const load = async <T extends 'validatedReadings' | 'mesEvents' | 'qualityLabels'>(
      topic: T,
      values: readonly Parameters<(typeof tables)[T]['rows']>[0][],
    ): Promise<void> => {
      const rows = values.flatMap((value) => tables[topic].rows(value as never, 0));
      await loadRows(client, tables[topic], rows, 'insert');
    };
    await load('validatedReadings', readings);
    await load(
      'mesEvents',
      all.flatMap(({ topic, value }) => (topic === 'mesEvents' ? value : [])),
    );
    await load(
      'qualityLabels',
      all.flatMap(({ topic, value }) => (topic === 'qualityLabels' ? value : [])),
    );
    client.release();
    return stored;
  }

  const datasetOf = (from: OfflineRecords): Promise<Dataset> => collectDataset({ definition, records: from });

  it('is the same data set from topics and database as when it was published', async () => {
    const [published, topic, db] = [
      await datasetOf([records]),
      await datasetOf(topicHistory(kafka)),
      await datasetOf(databaseHistory(storedReadings(pool), definition)),
    ];
    assert.ok(published.labels.length > 300, `${published.labels.length} rows`);
    assert.ok(published.groups.length > 10, 'pieces are known');
    assert.equal(topic.id, published.id);
    assert.equal(db.id, published.id);
  });

  it('is the same when the target has classes and rows have no order', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'castwatch-history-'));
    const source = await createCsvSource({
      definition: classesPlant,
      files: [writeParts(folder, 'parts', 200, seed)],
    });
    const parts: OfflineRecord[] = [];
    for await (const batch of source) parts.push(...batch);
    rmSync(folder, { recursive: true });
    const collect = (from: OfflineRecords): Promise<Dataset> =>
      collectDataset({ definition: classesPlant, records: from });
    const stored = await store(classesPlant, parts);
    const [asFiled, topic, db] = [
      await collect([parts]),
      await collect(topicHistory(await published(parts))),
      await collect(databaseHistory(storedReadings(stored), classesPlant)),
    ];
    await stored.end();
    assert.equal(new Set(asFiled.classes?.of).size, 3);
    assert.equal(topic.id, asFiled.id);
    assert.equal(db.id, asFiled.id);
  });

  replayableContract('topic', () => topicHistory(kafka));
  replayableContract('db', () => databaseHistory(storedReadings(pool), definition));

  it('reports its progress, and records that cannot be decoded', async () => {
    const shares: number[] = [];
    const history = topicHistory(kafka, {}, (share) => shares.push(share));
    await datasetOf(history);
    assert.equal(shares.at(-1), 1);
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
    const { undecodable, ...others } = history.malformed?.() ?? {};
    assert.equal(undecodable?.count, 1);
    assert.match(undecodable.example, /sensor-readings\.v1\/\d offset \d+: /);
    assert.deepEqual(others, {});

    const stored: number[] = [];
    await datasetOf(databaseHistory(storedReadings(pool), definition, {}, (share) => stored.push(share)));
    assert.equal(stored.at(-1), 1);
  });

  it('reads readings from the table as they were stored', async () => {
    const back: ValidatedReading[] = [];
    for await (const batch of storedHistory(pool, { tags }))
      for (const { topic, value } of batch) if (topic === 'validatedReadings') back.push(value);
    const order = (a: ValidatedReading, b: ValidatedReading): number =>
      a.eventTime - b.eventTime || (a.asset < b.asset ? -1 : 1);
    assert.deepEqual(back, validated.toSorted(order));
  });

  it('is limited by event time on request', async () => {
    const [since, until] = [start + 300_000, start + 900_000];
    for (const history of [
      topicHistory(kafka, { since, until }),
      databaseHistory(storedReadings(pool), definition, { since, until }),
    ]) {
      const times: number[] = [];
      for await (const batch of history)
        for (const { topic, value } of batch)
          if (topic === 'sensorReadings' || topic === 'validatedReadings')
            times.push(value?.eventTime ?? NaN);
      assert.ok(times.length > 1_000);
      assert.ok(times.every((time) => time >= since && time < until));
    }
  });

  it('reports an empty history', async () => {
    const span = { since: start + 864e5 };
    const none = (where: RegExp) => (error: unknown) =>
      error instanceof CastwatchError && error.code === 'INPUT' && where.test(error.message);
    await assert.rejects(
      datasetOf(topicHistory(kafka, span)),
      none(/^sensor-readings\.v1 contains no readings in the requested/),
    );
    await assert.rejects(
      datasetOf(databaseHistory(storedReadings(pool), definition, span)),
      none(/^the table validated_/),
    );
  });

  it('reports a database without tables, and an unreachable database', async () => {
    const refused = openPool(await server.createDatabase());
    await assert.rejects(
      datasetOf(databaseHistory(storedReadings(refused), definition)),
      (error) =>
        error instanceof CastwatchError &&
        error.code === 'DATABASE_REFUSED' &&
        /migrate/.test(error.remedy ?? ''),
    );
    await refused.end();
    const away = openPool('postgres://nobody@127.0.0.1:1/none');
    await assert.rejects(
      datasetOf(databaseHistory(storedReadings(away), definition)),
      (error) => error instanceof CastwatchError && error.code === 'DATABASE_UNAVAILABLE',
    );
    await away.end();
  });
});

describe('events among readings', () => {
  const reading = (seconds: number): OfflineRecord => {
    const value = {
      asset: 'E/S/A/L/C1',
      eventTime: start + 1_000 * seconds,
      sequence: seconds,
      source: 'test',
      measurements: [],
    };
    return { topic: 'sensorReadings', value, timestamp: value.eventTime };
  };

  it('come before the first reading with the same or a later time, each once, by time', () => {
    const events = [30, 10, 20].map((at) => {
      const value = mesEvent(at, 'STARTED', 'part', `P${at}`);
      return { topic: 'mesEvents' as const, value, timestamp: value.eventTime };
    });
    const withEvents = amongEvents(events);
    const told = [
      [5, 15],
      [20, 40, 50],
    ].map((batch) =>
      withEvents(batch.map(reading)).map(({ topic, value }) =>
        topic === 'mesEvents' ? value.id : ((value?.eventTime ?? 0) - start) / 1_000,
      ),
    );
    assert.deepEqual(told, [
      [5, 'P10', 15],
      ['P20', 20, 'P30', 40, 50],
    ]);
  });
});
