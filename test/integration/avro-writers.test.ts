/** Records that Avro's Java library writes, with schemas as other teams make them. */
import assert from 'node:assert/strict';
import { schemaText } from '../../schemas/avro/avro-types.ts';
import type { AvroTopicId } from '../../schemas/catalogue.ts';
import { createSerde } from '../../schemas/registry/serde.ts';
import type { ValueOf } from '../../schemas/values.ts';
import { javaEncodes } from '../support/java-peer.ts';

interface Field {
  readonly name: string;
  readonly type: unknown;
  readonly default?: unknown;
}
interface RecordSchema {
  namespace: string;
  fields: Field[];
}

/** A schema of ours with something changed. */
function changed(topic: AvroTopicId, change: (schema: RecordSchema) => void): string {
  const schema = JSON.parse(schemaText(topic)) as RecordSchema;
  change(schema);
  return JSON.stringify(schema);
}

const withField = (name: string, type: unknown) => (schema: RecordSchema) => {
  schema.fields = schema.fields.map((field) => (field.name === name ? { name, type } : field));
};

const eventTime = Date.UTC(2026, 9, 25, 1, 30) + 123;
const reading = (facts: object): string =>
  JSON.stringify({
    ...{ asset: 'e/s/a/l/c1', eventTime, sequence: 7, source: 'java' },
    measurements: [{ tag: 'A', value: { double: 1.5 }, quality: 'GOOD' }],
    ...facts,
  });
const expected: ValueOf<'sensorReadings'> = {
  ...{ asset: 'e/s/a/l/c1', eventTime, sequence: 7, source: 'java' },
  measurements: [{ tag: 'A', value: 1.5, quality: 'GOOD' }],
};

interface Written {
  readonly schema: string;
  readonly json: string;
}

const ofTime = (logicalType: string): string =>
  changed('sensorReadings', withField('eventTime', { type: 'long', logicalType }));
const foreign = changed('sensorReadings', (own) => {
  own.namespace = 'com.acme.plant';
  own.fields.push(
    { name: 'shift', type: ['null', 'string'], default: 'early' },
    { name: 'weight', type: 'double', default: 'NaN' },
    { ...{ name: 'note', type: 'string', default: '' }, ...{ aliases: ['remark'] } },
  );
});
const local = ['millis', 'micros', 'nanos'].map((unit) => `local-timestamp-${unit}`);
const nullable = changed('sensorReadings', withField('source', ['null', 'string']));
const symbols = ['STARTED', 'PAUSED', 'ENDED'];
const paused = changed('mesEvents', withField('type', { type: 'enum', name: 'MesEventType', symbols }));
const event = { asset: 'a', eventTime, sequence: 1, source: 's', level: 'heat', id: 'H1', properties: {} };

const written = {
  foreign: [{ schema: foreign, json: reading({ shift: null, weight: 1, note: 'x' }) }],
  times: [
    { schema: ofTime('timestamp-micros'), json: reading({ eventTime: eventTime * 1_000 + 999 }) },
    // A count of ns is larger than what a double holds, so it is written as text.
    {
      schema: ofTime('timestamp-nanos'),
      json: reading({}).replace(`"eventTime":${eventTime}`, `"eventTime":${eventTime}999999`),
    },
    { schema: ofTime('timestamp-micros'), json: reading({ eventTime: 1_999 }) },
    { schema: changed('sensorReadings', withField('eventTime', 'long')), json: reading({}) },
  ],
  noMoments: [
    ...local.map((type) => ({ schema: ofTime(type), json: reading({}) })),
    {
      schema: changed('sensorReadings', withField('eventTime', { type: 'int', logicalType: 'date' })),
      json: reading({ eventTime: 20_000 }),
    },
  ],
  nullable: [{ string: 'java' }, null].map((source) => ({ schema: nullable, json: reading({ source }) })),
  events: ['ENDED', 'PAUSED'].map((type) => ({ schema: paused, json: JSON.stringify({ ...event, type }) })),
};

describe('records of Avro in Java', function () {
  this.timeout(60_000);
  let bytes: ReadonlyMap<Written, Buffer>;
  before(async () => {
    const all: readonly Written[] = Object.values(written).flat();
    const encoded = await javaEncodes(all);
    bytes = new Map(all.map((one, nth) => [one, encoded[nth] ?? Buffer.of()]));
  });

  /** Decodes what Java has written, by the writers' schemas. A record that cannot be read gives the reason. */
  async function read(topic: AvroTopicId, values: readonly Written[]): Promise<readonly unknown[]> {
    const codec = createSerde({
      registryUrl: 'http://127.0.0.1:9',
      fetchSchema: (id) =>
        Promise.resolve({ text: values[id]?.schema ?? '', type: 'AVRO', references: false }),
    }).codec(topic);
    const records = values.map((one, id) =>
      Buffer.concat([Buffer.from([0, 0, 0, 0, id]), bytes.get(one) ?? Buffer.of()]),
    );
    await codec.prepare?.(records);
    return records.map((record) => {
      try {
        return codec.decode(record);
      } catch (error) {
        return error instanceof Error ? error.message : error;
      }
    });
  }

  it('match by unqualified names, whatever defaults and aliases their schemas have', async () => {
    assert.deepEqual(await read('sensorReadings', written.foreign), [expected]);
  });

  it('have their times converted by the logical type of their schema', async () => {
    assert.deepEqual(await read('sensorReadings', written.times), [
      ...[expected, expected, { ...expected, eventTime: 1 }, expected],
    ]);
  });

  it('are refused when their time is on a local clock, or is no moment', async () => {
    const found = await read('sensorReadings', written.noMoments);
    local.forEach((type, nth) => {
      assert.match(String(found[nth]), new RegExp(`eventTime: .*${type} is the time on a local clock`));
    });
    assert.match(String(found[3]), /eventTime: .*date is no moment in time/);
  });

  it('are refused one by one when only some have what we do not know', async () => {
    const readings = await read('sensorReadings', written.nullable);
    assert.deepEqual(readings[0], expected);
    assert.match(String(readings[1]), /cannot read "null" as "?string/);
    const events = await read('mesEvents', written.events);
    assert.deepEqual(events[0], { ...event, type: 'ENDED' });
    assert.match(String(events[1]), /not readable: .*enum/);
  });
});
