import assert from 'node:assert/strict';
import { loadDefinition } from '../../../processes/load.ts';
import { assetPaths } from '../../../processes/plant.ts';
import { serdeWithoutRegistry } from '../../../schemas/registry/serde.ts';
import { type MemoryBroker, MemoryTransport, type RawRecord, StreamError } from '../../../stream/index.ts';
import { memoryGateway, type MemoryGateway } from '../memory-gateway.ts';
import { post } from './api.ts';

const definition = loadDefinition('processes/casting.yaml');
const [s1 = ''] = assetPaths(definition);
const [tag = ''] = definition.tags.map(({ id }) => id);
const [level = ''] = definition.piece?.levels ?? [];

const reading = (sequence: number, given: object = {}): object => ({
  asset: s1,
  eventTime: '2026-01-31T12:00:00Z',
  sequence,
  source: 'test',
  measurements: [{ tag, value: 1 }],
  ...given,
});

async function recordsOn(broker: MemoryBroker, topic: string): Promise<RawRecord[]> {
  const transport = new MemoryTransport(broker);
  const records: RawRecord[] = [];
  for (let partition = 0; partition < (await transport.partitionCount(topic)); partition++) {
    await transport.read({ topic, partition }, (batch) => records.push(...batch));
  }
  return records;
}

describe('POST /v1/readings', () => {
  let gateway: MemoryGateway;
  before(async () => {
    gateway = await memoryGateway(definition);
  });
  after(() => gateway.stop());

  it('writes one reading to its topic, with the asset as key, and returns a receipt', async () => {
    const { status, body } = await post(gateway.gateway.url, '/v1/readings', reading(1));
    assert.equal(status, 202);
    assert.deepEqual(body, {
      accepted: [{ index: 0, asset: s1, source: 'test', sequence: 1 }],
      rejected: [],
    });
    const [record] = await recordsOn(gateway.broker, 'sensor-readings.v1');
    assert.equal(record?.key?.toString(), s1);
    assert.deepEqual(
      serdeWithoutRegistry()
        .codec('sensorReadings')
        .decode(record.value ?? Buffer.of()),
      {
        asset: s1,
        eventTime: Date.UTC(2026, 0, 31, 12),
        sequence: 1,
        source: 'test',
        measurements: [{ tag, value: 1, quality: 'GOOD' }],
      },
    );
    assert.equal(record.headers?.['ce_id']?.toString(), `${s1}#test#1`);
  });

  it('accepts the valid items of an array, and lists the others with place and remedy', async () => {
    const { status, body } = await post(gateway.gateway.url, '/v1/readings', [
      reading(2),
      reading(3, { asset: 'E/S/A/L/elsewhere' }),
      reading(4, { measurements: [{ tag: `${tag}x`, value: 1 }] }),
      reading(5, { sequence: 'five' }),
      reading(6, { measurements: [{ tag, value: null, quality: 'BAD' }] }),
    ]);
    assert.equal(status, 207);
    const { accepted, rejected } = body as {
      accepted: { index: number }[];
      rejected: Record<string, unknown>[];
    };
    assert.deepEqual(
      accepted.map(({ index }) => index),
      [0, 4],
    );
    assert.deepEqual(
      rejected.map(({ index, path }) => [index, path]),
      [
        [1, 'asset'],
        [2, 'measurements[0].tag'],
        [3, 'sequence'],
      ],
    );
    assert.match(
      String(rejected[0]?.['message']),
      /E\/S\/A\/L\/elsewhere is not an asset of process casting/,
    );
    assert.match(String(rejected[0]?.['remedy']), /\/v1\/definition/);
    assert.ok(
      String(rejected[1]?.['message']).includes(`did you mean ${tag}?`),
      String(rejected[1]?.['message']),
    );
  });

  it('cuts the NULs that pad strings of fixed length, and refuses other texts that could not be stored', async () => {
    const { status } = await post(gateway.gateway.url, '/v1/readings', reading(70, { source: 'plc\0\0\0' }));
    assert.equal(status, 202);
    const records = await recordsOn(gateway.broker, 'sensor-readings.v1');
    const codec = serdeWithoutRegistry().codec('sensorReadings');
    const sources = records.map(({ value }) => codec.decode(value ?? Buffer.of()).source);
    assert.ok(sources.includes('plc'), sources.join());
    const texts = ['a\0b', 'a\ud800', 'ä'.repeat(200), '\0\0'];
    const refused = await post(
      gateway.gateway.url,
      '/v1/readings',
      texts.map((source, nth) => reading(71 + nth, { source })),
    );
    assert.equal(refused.status, 422);
    assert.deepEqual(
      (refused.body['errors'] as { index: number; path: string }[]).map(({ index, path }) => [index, path]),
      texts.map((_, nth) => [nth, 'source']),
    );
  });

  it('refuses with problem details when no item is valid', async () => {
    const { status, type, body } = await post(
      gateway.gateway.url,
      '/v1/readings',
      reading(7, { asset: 'nowhere' }),
    );
    assert.equal(status, 422);
    assert.match(type, /^application\/problem\+json/);
    assert.deepEqual(
      { status: body['status'], errors: (body['errors'] as { path: string }[]).map(({ path }) => path) },
      { status: 422, errors: ['asset'] },
    );
    assert.equal((await post(gateway.gateway.url, '/v1/readings', [])).status, 422);
  });

  it('says in plain English what is missing', async () => {
    const { body } = await post(gateway.gateway.url, '/v1/readings', { asset: s1, source: 'test' });
    const errors = body['errors'] as { path: string; message: string }[];
    assert.deepEqual(
      errors.filter(({ message }) => message === 'is missing').map(({ path }) => path),
      ['sequence', 'measurements'],
    );
    assert.doesNotMatch(JSON.stringify(errors), /undefined/);
  });

  it('answers 400 to a body that is not JSON, 415 to another content type, and 413 to too many items', async () => {
    const broken = await post(gateway.gateway.url, '/v1/readings', '{"asset":');
    assert.deepEqual([broken.status, broken.body['title']], [400, 'Not JSON']);
    const form = await post(
      gateway.gateway.url,
      '/v1/readings',
      'asset=x',
      'application/x-www-form-urlencoded',
    );
    assert.equal(form.status, 415);
    assert.equal(
      (await post(gateway.gateway.url, '/v1/readings', JSON.stringify(reading(1)), 'text/plain')).status,
      415,
    );
    const many = await post(
      gateway.gateway.url,
      '/v1/readings',
      Array.from({ length: 10_001 }, () => 0),
    );
    assert.equal(many.status, 413);
    const large = await post(gateway.gateway.url, '/v1/readings', JSON.stringify('x'.repeat(6_000_000)));
    assert.equal(large.status, 413);
    assert.match(String(large.body['remedy']), /several/);
  });

  it('writes a repeated reading again; consumers recognize it by asset, source and sequence', async () => {
    const first = await post(gateway.gateway.url, '/v1/readings', reading(100));
    const again = await post(gateway.gateway.url, '/v1/readings', reading(100));
    assert.deepEqual(again.body, first.body);
    const ids = (await recordsOn(gateway.broker, 'sensor-readings.v1')).map(({ headers }) =>
      headers?.['ce_id']?.toString(),
    );
    assert.equal(ids.filter((id) => id === `${s1}#test#100`).length, 2);
  });

  it('counts accepted and refused items', async () => {
    const text = await gateway.metrics.text();
    assert.match(text, /castwatch_gateway_record_ingested_total\{kind="reading",outcome="accepted"\} \d+/);
    assert.match(text, /castwatch_gateway_record_ingested_total\{kind="reading",outcome="invalid"\} \d+/);
  });
});

describe('POST /v1/mes-events', () => {
  let gateway: MemoryGateway;
  before(async () => {
    gateway = await memoryGateway(definition);
  });
  after(() => gateway.stop());

  const event = {
    asset: s1,
    eventTime: 1_000,
    sequence: 1,
    source: 'mes',
    type: 'STARTED',
    level,
    id: '4711',
  };

  it('writes an event to its topic', async () => {
    assert.equal((await post(gateway.gateway.url, '/v1/mes-events', event)).status, 202);
    assert.equal((await recordsOn(gateway.broker, 'mes-events.v1')).length, 1);
  });

  it('names the known levels when a level is unknown', async () => {
    const { status, body } = await post(gateway.gateway.url, '/v1/mes-events', { ...event, level: 'truck' });
    assert.equal(status, 422);
    assert.ok(
      JSON.stringify(body['errors']).includes(`The levels are ${definition.piece?.levels.join(', ') ?? ''}`),
    );
  });
});

describe('POST without Kafka', () => {
  it('answers 503, with the time to repeat, and says that repeating is harmless', async () => {
    const failing = {
      send: () => Promise.reject(new StreamError('BROKER_UNAVAILABLE', 'the broker does not answer')),
      close: () => Promise.resolve(),
    };
    const gateway = await memoryGateway(definition, { producer: failing });
    try {
      const { status, headers, body } = await post(gateway.gateway.url, '/v1/readings', reading(1));
      assert.equal(status, 503);
      assert.equal(headers.get('retry-after'), '5');
      assert.match(String(body['detail']), /does not answer/);
      assert.match(String(body['remedy']), /harmless/);
    } finally {
      await gateway.stop();
    }
  });
});
