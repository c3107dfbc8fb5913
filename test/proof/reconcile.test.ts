import assert from 'node:assert/strict';
import type { Pool } from 'pg';
import { runOffline, type OfflineSinks } from '../../processors/offline.ts';
import { outputTopics, type StepName } from '../../processors/topology.ts';
import { DeletedRecords } from '../../proof/deleted-records.ts';
import { describeMissing } from '../../proof/missing-records.ts';
import { reconcile, whyNotReconciled } from '../../proof/reconcile.ts';
import { openPool } from '../../roles/connections.ts';
import { sinkGroup, stepGroup } from '../../roles/shared-names.ts';
import { storedTopics, topicNames, type StoredTopic } from '../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../schemas/registry/serde.ts';
import type { ValueOf } from '../../schemas/values.ts';
import { keepGap } from '../../sinks/timescale/writing/positions.ts';
import { loadRows } from '../../sinks/timescale/writing/load-rows.ts';
import { migrate } from '../../sinks/timescale/migrate.ts';
import { tables } from '../../sinks/timescale/tables/tables.ts';
import type { Row } from '../../sinks/timescale/columns/define-table.ts';
import { MemoryBroker, MemoryTransport, partitionForKey } from '../../stream/index.ts';
import { reading, small, start } from '../processors/support.ts';
import { startPostgres, type TestServer } from '../sinks/support/databases.ts';

const partitions = 2;
const scans = 120;
const assets = ['E/S/A/L/C1', 'E/S/A/L/C2'] as const;
const topics = topicNames();
const serde = serdeWithoutRegistry();
const [first, second] = assets.map((asset) => partitionForKey(asset, partitions));
const source = { topic: topics.sensorReadings, partition: first ?? 0 };

describe('the check after a run whose records were deleted', function () {
  this.timeout(120_000);
  let server: TestServer;
  let pool: Pool;

  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());
  afterEach(() => pool.end());

  /** A pipeline that has done its work: its topics and tables hold what the steps make of the readings. */
  async function finished(lacks?: OfflineSinks['lacks'], isStored: IsStored = () => true) {
    const broker = new MemoryBroker();
    for (const name of Object.values(topics)) broker.createTopic(name, partitions);
    const databaseUrl = await server.createDatabase();
    await migrate({ databaseUrl });
    pool = openPool(databaseUrl);
    const rows = new Map<StoredTopic, Row[]>(storedTopics.map((topic) => [topic, []]));
    const counts = new Map<string, number>();
    const records = Array.from({ length: scans }, (_, at) =>
      assets.map((asset) => {
        // Each reading comes twice, so that validation rejects some.
        const value = { ...reading({ at: Math.floor(at / 2), values: { A: 50, B: 40, C: 1.5 } }), asset };
        const partition = partitionForKey(asset, partitions);
        const timestamp = start + 1_000 * at;
        broker.send([
          {
            ...{ topic: topics.sensorReadings, partition, key: asset, timestamp },
            value: serde.codec('sensorReadings').encode(value),
          },
        ]);
        return { topic: 'sensorReadings' as const, value, timestamp, key: asset, partition, offset: at };
      }),
    );
    await runOffline({
      definition: small,
      predictor: undefined,
      records,
      sinks: {
        record(topic, value, timestamp) {
          const nth = counts.get(`${topic} ${value.asset}`) ?? 0;
          counts.set(`${topic} ${value.asset}`, nth + 1);
          const stored = storedTopics.find((each) => each === topic);
          // The value is one of this topic.
          if (stored !== undefined && isStored(stored, value.asset, nth))
            rows.get(stored)?.push(...rowsOf(stored, value as ValueOf<StoredTopic>, timestamp));
          if (!outputTopics.some((each) => each === topic)) return;
          const bytes = serde.codec(topic).encode(value);
          broker.send([{ topic: topics[topic], key: value.asset, value: bytes, timestamp }]);
        },
        ...(lacks && { lacks }),
      },
    });
    const client = await pool.connect();
    for (const [topic, all] of rows) await loadRows(client, tables[topic], all, 'insert');
    client.release();
    const transport = new MemoryTransport(broker);
    const kafka = { transport, serde, topics, prefix: '' };
    return {
      broker,
      transport,
      check: (deleted?: DeletedRecords) =>
        reconcile({ kafka, pool, definition: small, ...(deleted && { deleted }) }),
    };
  }

  async function commit(transport: MemoryTransport, step: StepName, offset: number): Promise<void> {
    const producer = await transport.transactionalProducer('position');
    await producer.transact([], [{ group: stepGroup('', step), offsets: [{ ...source, offset }] }]);
    await producer.close();
  }

  it('agrees when nothing is deleted', async () => {
    const { check } = await finished();
    const result = await check();
    assert.deepEqual(whyNotReconciled(result), []);
    assert.equal(result.reconciled, true);
    assert.equal(result.recordsIn, 2 * scans);
    assert.ok(result.validated > 0 && result.features > 0 && result.predictions > 0);
  });

  it('names the range and what it cannot compare, and compares the rest', async () => {
    const { broker, transport, check } = await finished();
    await commit(transport, 'validate', 10);
    broker.log(source).deleteBefore(30);
    const result = await check();
    assert.equal(result.reconciled, false);
    assert.deepEqual(result.missing.map(describeMissing), [
      `validate has not processed offsets 10 to 29 of sensor-readings.v1/${first}, and the topic no longer has them`,
    ]);
    assert.equal(
      result.notCompared[0],
      `sensor-readings.v1/${first} begins at offset 30, because the broker has deleted earlier records`,
    );
    assert.match(
      result.notCompared[1] ?? '',
      new RegExp(`^in partition ${first} .*sensor-readings.*validated-readings.*alerts`),
    );
    assert.equal(result.notCompared.length, 2);
    assert.deepEqual(result.differences, []);
    assert.equal(result.recordsIn, scans, 'the readings of the other partition');

    const stray = { key: 'x', value: Buffer.from('stray') };
    broker.send([
      { topic: topics.features, partition: first ?? 0, ...stray },
      { topic: topics.features, partition: second ?? 0, ...stray },
    ]);
    await pool.query(`DELETE FROM castwatch.validated_readings WHERE asset = $1`, [assets[0]]);
    await pool.query(
      `DELETE FROM castwatch.validated_readings WHERE asset = $1 AND event_time = to_timestamp($2)`,
      [assets[1], start / 1_000 + 7],
    );
    const { differences } = await check();
    assert.equal(differences.length, 2, differences.join('\n'));
    assert.equal(differences[0], 'features.v1: 1 not expected by the oracle');
    assert.match(
      differences[1] ?? '',
      /^table validated_readings: 3 rows missing, 0 unexpected, 0 different/,
    );
  });

  it('compares what is left of an output, and all that follows from it', async () => {
    const { broker, check } = await finished();
    const features = { topic: topics.features, partition: first ?? 0 };
    const left = broker.log(features).read(0, Infinity).records;
    broker.log(features).deleteBefore(3);
    assert.ok(left.length > 4);
    const result = await check();
    assert.deepEqual(result.differences, []);
    assert.deepEqual(result.notCompared, [
      `features.v1/${first} begins at offset 3, because the broker has deleted earlier records`,
      `in partition ${first} these can be compared only in part or not at all: records of features.v1`,
    ]);
    broker.send([{ ...features, key: assets[0], value: left[4]?.value ?? null }]);
    assert.deepEqual((await check()).differences, ['features.v1: processed more than generated: 1 repeated']);
  });

  it('compares everything but the range when it has copies of what was deleted', async () => {
    const lacks: OfflineSinks['lacks'] = (step, topic, _value, { partition, offset = 0 }) =>
      step === 'validate' && topic === 'sensorReadings' && partition === first && offset >= 10 && offset < 30;
    for (const isHonest of [true, false]) {
      const { broker, transport, check } = await finished(isHonest ? lacks : undefined);
      await commit(transport, 'validate', 10);
      const deleted = new DeletedRecords();
      await deleted.keep(transport, source, 30);
      broker.log(source).deleteBefore(30);
      const result = await check(deleted);
      assert.deepEqual(result.notCompared, []);
      assert.deepEqual(
        result.missing.map(({ gap: { from, to } }) => [from, to]),
        [[10, 30]],
      );
      if (isHonest) {
        assert.deepEqual(result.differences, []);
        assert.equal(result.recordsIn, 2 * scans - 20);
      } else
        assert.match(result.differences.join('\n'), /validated-readings.v1: \d+ not expected by the oracle/);
      if (isHonest) await pool.end();
    }
  });

  it('misses exactly the rows of the records that the sink did not have', async () => {
    const features = { topic: topics.features, partition: first ?? 0 };
    for (const lost of [2, 3]) {
      const { broker, transport, check } = await finished(
        undefined,
        (topic, asset, nth) => topic !== 'features' || asset !== assets[0] || nth >= lost,
      );
      const deleted = new DeletedRecords();
      await deleted.keep(transport, features, 2);
      broker.log(features).deleteBefore(2);
      const gap = { reason: 'deleted', from: 0, to: 2 } as const;
      await keepGap(pool, sinkGroup(''), features, gap);
      const result = await check(deleted);
      assert.deepEqual(result.missing.map(describeMissing), [
        `the sink has not processed offsets 0 to 1 of features.v1/${first}, and the topic no longer has them`,
      ]);
      assert.deepEqual(result.notCompared, []);
      assert.equal(result.deviations.missing, lost - 2);
      assert.equal(result.differences.length, lost - 2);
      if (lost === 2) await pool.end();
    }
  });
});

type IsStored = (topic: StoredTopic, asset: string, nth: number) => boolean;

const rowsOf = <T extends StoredTopic>(topic: T, value: ValueOf<T>, timestamp: number): readonly Row[] =>
  tables[topic].rows(value, timestamp);
