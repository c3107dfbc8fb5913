/** The gateway on real parts: what it takes is on Kafka, what it tells of the past is what the sink stored. */
import assert from 'node:assert/strict';
import type { LocalStack } from '../../local/stack.ts';
import { loadDefinition } from '../../processes/load.ts';
import { assetPaths } from '../../processes/plant.ts';
import type { RejectedReading } from '../../schemas/generated/types.ts';
import { connect } from '../gateway/live/clients.ts';
import { realGateway, type RealGateway } from '../gateway/real-gateway.ts';
import { alert, prediction, reading } from '../gateway/records.ts';
import { get, post } from '../gateway/rest/api.ts';
import { discardStack, localStack, startOwnStack, uniqueDatabase } from '../support/stack.ts';
import { waitFor } from '../support/wait.ts';

const definition = loadDefinition('processes/casting.yaml');
const [s1 = '', s2 = ''] = assetPaths(definition);
const [tag = ''] = definition.tags.map(({ id }) => id);
const start = Date.UTC(2026, 0, 31, 12);
const path = (asset: string): string => `/v1/assets/${encodeURIComponent(asset)}`;

const posted = (sequence: number): object => ({
  asset: s1,
  eventTime: start + sequence * 1_000,
  sequence,
  source: 'test',
  measurements: [{ tag, value: 1 }],
});

describe('gateway on real servers', function () {
  this.timeout(120_000);
  let gateway: RealGateway;

  before(async () => {
    gateway = await realGateway({
      stack: await localStack(),
      databaseUrl: await uniqueDatabase(),
      definition,
    });
    const held = { treatment: 'HELD', quality: 'UNCERTAIN', reason: 'ABSENT', value: 0.9 } as const;
    const scans = Array.from({ length: 30 }, (_, n) =>
      reading(definition, s1, start + n * 1_000, n === 29 ? { [tag]: held } : {}),
    );
    await gateway.publish('validatedReadings', ...scans);
    await gateway.publish(
      'predictions',
      prediction(s1, start + 10_000),
      prediction(s1, start + 15_000, { probability: 0.4 }),
    );
    await gateway.publish(
      'alerts',
      alert(s1, start + 15_000),
      alert(s2, start, { id: 'gone' }),
      alert(s2, start, { id: 'gone', transition: 'CLEARED', step: 1, eventTime: start + 9_000 }),
    );
  });
  after(async () => {
    await gateway.stop();
  });

  it('is ready when Kafka, registry, database and the live stream are', async () => {
    const { body } = await waitFor(async () => {
      const answer = await get(gateway.url, '/ready');
      return answer.status === 200 && answer;
    }, 'readiness');
    assert.deepEqual(Object.keys(body['checks'] as object).sort(), ['database', 'kafka', 'live', 'registry']);
  });

  it('writes posted readings to Kafka before it answers', async () => {
    const { status, body } = await post(gateway.url, '/v1/readings', [posted(1), posted(2)]);
    assert.equal(status, 202, JSON.stringify(body));
    const sequences: number[] = [];
    const topic = `${gateway.prefix}sensor-readings.v1`;
    const codec = gateway.serde.codec('sensorReadings');
    for (const partition of (await gateway.transport.endOffsets(topic)).keys()) {
      await gateway.transport.read({ topic, partition }, (records) => {
        for (const { value } of records) if (value !== null) sequences.push(codec.decode(value).sequence);
      });
    }
    assert.deepEqual(sequences, [1, 2]);
  });

  it('returns what the sink stored: readings with their marks, oldest first', async () => {
    const scans = await waitFor(async () => {
      const { body } = await get(gateway.url, `${path(s1)}/readings?limit=10`);
      const found = body['scans'] as { eventTime: number; values: number[]; marks: object[] }[];
      return found.at(-1)?.eventTime === start + 29_000 && found;
    }, 'the readings to be stored');
    assert.equal(scans.length, 10);
    assert.deepEqual(
      scans.map(({ eventTime }) => eventTime),
      Array.from({ length: 10 }, (_, n) => start + (20 + n) * 1_000),
    );
    assert.equal(scans[0]?.values.length, definition.tags.length);
    assert.equal(scans.at(-1)?.values[0], 0.9);
    assert.deepEqual(scans.at(-1)?.marks, [
      { tag: 0, treatment: 'HELD', quality: 'UNCERTAIN', reason: 'ABSENT' },
    ]);
    const { body } = await get(gateway.url, `${path(s1)}/readings?from=${start + 5_000}&to=${start + 8_000}`);
    assert.equal((body['scans'] as unknown[]).length, 3);
  });

  it('returns stored predictions and alerts', async () => {
    const predictions = await waitFor(async () => {
      const { body } = await get(gateway.url, `${path(s1)}/predictions`);
      const found = body['predictions'] as { eventTime: number; probability: number; threshold: number }[];
      return found.length === 2 && found;
    }, 'the predictions to be stored');
    assert.deepEqual(
      predictions.map(({ eventTime, probability }) => [eventTime, probability]),
      [
        [start + 10_000, 0.02],
        [start + 15_000, 0.4],
      ],
    );
    const alertsOf = async (query: string): Promise<unknown> => {
      const { body } = await get(gateway.url, `/v1/alerts?${query}`);
      return (body['alerts'] as { latest: { asset: string }; state: string }[]).map(({ latest, state }) => [
        latest.asset,
        state,
      ]);
    };
    await waitFor(
      async () => JSON.stringify(await alertsOf('')).includes('CLEARED'),
      'the alerts to be stored',
    );
    assert.deepEqual(await alertsOf('open=true'), [[s1, 'ACTIVE']]);
    assert.deepEqual(await alertsOf(''), [
      [s1, 'ACTIVE'],
      [s2, 'CLEARED'],
    ]);
    assert.deepEqual(await alertsOf(`asset=${encodeURIComponent(s2)}`), [[s2, 'CLEARED']]);
    const { body } = await get(gateway.url, '/v1/assets');
    assert.deepEqual(body['assets'], [
      { asset: s1, lastEventTime: start + 29_000 },
      { asset: s2, lastEventTime: null },
    ]);
  });

  it('lists the findings of validation by asset, span and limit, oldest first', async () => {
    const rejected = (asset: string, second: number): RejectedReading => ({
      asset,
      eventTime: start + second * 1_000,
      sequence: second,
      source: 'test',
      inputPartition: 0,
      inputOffset: second,
      dropped: false,
      rejections: [
        { tag, value: 99, reason: 'RANGE', treatment: 'MISSING', detail: 'too much' },
        { tag: null, value: null, reason: 'LATE', treatment: 'DROPPED', detail: 'too late' },
      ],
    });
    await gateway.publish('rejectedReadings', rejected(s1, 1), rejected(s1, 2), rejected('nowhere', 3));
    const found = async (query: string): Promise<Record<string, unknown>[]> =>
      (await get(gateway.url, `/v1/rejections?${query}`)).body['rejections'] as Record<string, unknown>[];
    const all = await waitFor(async () => {
      const rows = await found('');
      return rows.length === 6 && rows;
    }, 'the rejections to be stored');
    assert.deepEqual(
      all.map(({ asset, sequence }) => [asset, sequence]),
      [s1, s1, s1, s1, 'nowhere', 'nowhere'].map((asset, n) => [asset, Math.floor(n / 2) + 1]),
    );
    const { asset, eventTime, sequence, source, dropped, rejections } = rejected(s1, 2);
    const ofOne = await found(`asset=${encodeURIComponent(s1)}&from=${start + 2_000}&to=${start + 3_000}`);
    const whole = rejections.map((one) => ({ asset, eventTime, source, sequence, dropped, ...one }));
    assert.deepEqual(ofOne, whole);
    assert.deepEqual(
      (await found('limit=2')).map((one) => one['asset']),
      ['nowhere', 'nowhere'],
    );
  });

  it('sends a client stored data first, and then live data', async () => {
    const client = connect(gateway.url);
    try {
      const snapshot = await client.join([s1]);
      assert.deepEqual(
        snapshot.assets.map(({ scan, trend }) => [scan?.eventTime, trend.length]),
        [[start + 29_000, 2]],
      );
      const stored = await client.socket.emitWithAck('scans', { asset: s1 });
      assert.ok(stored.ok);
      assert.equal(stored.scans.length, 30);
      await gateway.publish('validatedReadings', reading(definition, s1, start + 30_000));
      await waitFor(() => client.scans().length === 1, 'the new reading');
      assert.equal(client.scans()[0]?.eventTime, start + 30_000);
    } finally {
      client.close();
    }
  });
});

describe('gateway when servers fail', function () {
  this.timeout(180_000);
  let stack: LocalStack;
  let gateway: RealGateway;

  before(async () => {
    stack = await startOwnStack();
    gateway = await realGateway({ stack, databaseUrl: stack.databaseUrl, definition });
    await waitFor(async () => (await get(gateway.url, '/ready')).status === 200, 'readiness', 60_000);
  });
  after(async () => {
    await gateway.stop();
    await discardStack(stack);
  });

  const partsMissing = async (): Promise<string[]> => {
    const { body } = await get(gateway.url, '/ready');
    const checks = body['checks'] as Record<string, { ok: boolean }>;
    return Object.keys(checks).filter((name) => checks[name]?.ok !== true);
  };

  it('continues to send live data without the database, and says what is missing', async () => {
    const client = connect(gateway.url);
    try {
      await stack.kill('database');
      await waitFor(
        async () => (await partsMissing()).join() === 'database',
        'the database to be missed',
        60_000,
      );
      assert.equal((await get(gateway.url, `${path(s1)}/predictions`)).status, 503);
      assert.match((await client.join([s1])).historyMissing ?? '', /database/);
      await gateway.publish('validatedReadings', reading(definition, s1, start));
      await waitFor(() => client.scans().length === 1, 'the reading to come live');
      await stack.start('database');
      await waitFor(async () => (await partsMissing()).length === 0, 'the database to be back', 60_000);
      assert.equal((await client.join([s1])).historyMissing, null);
    } finally {
      client.close();
    }
  });

  it('refuses readings without Kafka, and resumes reading and writing when it is back', async () => {
    const client = connect(gateway.url);
    try {
      await client.join([s1]);
      const feeds: string[] = [];
      client.socket.on('feed', ({ state }) => feeds.push(state));
      await stack.kill('kafka');
      await waitFor(async () => (await partsMissing()).includes('kafka'), 'Kafka to be missed', 60_000);
      const refused = await post(gateway.url, '/v1/readings', posted(1));
      assert.equal(refused.status, 503);
      assert.equal(refused.headers.get('retry-after'), '5');
      await waitFor(() => feeds.at(-1) === 'lost', 'the client to be told', 60_000);
      await stack.start('kafka');
      await waitFor(async () => (await partsMissing()).length === 0, 'Kafka to be back', 90_000);
      assert.equal((await post(gateway.url, '/v1/readings', posted(1))).status, 202);
      const before = client.scans().length;
      await gateway.publish('validatedReadings', reading(definition, s1, start + 60_000));
      await waitFor(() => client.scans().length > before, 'the live stream to go on', 60_000);
      await waitFor(() => feeds.at(-1) === 'live', 'the client to be told', 60_000);
    } finally {
      client.close();
    }
  });
});
