/** The contracts on a real registry, with an independent client as second opinion. */
import assert from 'node:assert/strict';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import avsc from 'avsc';
import { avroType, schemaText } from '../../schemas/avro/avro-types.ts';
import { parseWriter } from '../../schemas/avro/foreign-writers.ts';
import { avroTopicIds, subjectOf } from '../../schemas/catalogue.ts';
import type { SensorReading } from '../../schemas/generated/types.ts';
import { createRegistryClient, type RegistryClient } from '../../schemas/registry/client.ts';
import { registerSchema, registerSchemas } from '../../schemas/registry/register.ts';
import { createSerde } from '../../schemas/registry/serde.ts';
import { localStack, uniquePrefix } from '../support/stack.ts';

const reading: SensorReading = {
  asset: 'e/s/a/l/c1',
  eventTime: 1_700_000_000_000,
  sequence: 7,
  source: 'test',
  measurements: [{ tag: 'A', value: 1.5, quality: 'GOOD' }],
};

/** The newest registered version of each topic's schema, and whether it is the schema of the catalogue. */
const listSchemas = (registry: RegistryClient, prefix: string) =>
  Promise.all(
    avroTopicIds.map(async (topic) => {
      const latest = await registry.latest(subjectOf(topic, prefix));
      const current = latest !== undefined && parseWriter(latest.schema).type.equals(avroType(topic));
      return { topic, version: latest?.version, current };
    }),
  );

describe('schemas on a real registry', function () {
  this.timeout(120_000);
  let registryUrl = '';
  let registry: RegistryClient;
  let prefix = '';

  before(async () => {
    const stack = await localStack();
    registryUrl = stack.registryUrl;
    registry = createRegistryClient({ url: registryUrl });
  });
  beforeEach(() => {
    prefix = uniquePrefix();
  });

  describe('registry', () => {
    it('stores each schema under one id, also when it is registered repeatedly', async () => {
      const first = await registerSchemas(registry, { prefix });
      const second = await registerSchemas(registry, { prefix });
      assert.deepEqual(second, first);
      assert.deepEqual(
        first.map(({ topic }) => topic),
        [...avroTopicIds],
      );
      const listed = await listSchemas(registry, prefix);
      assert.ok(
        listed.every(({ version, current }) => version === 1 && current),
        JSON.stringify(listed),
      );
    });

    it('returns the same ids to roles that start at the same time', async () => {
      const all = await Promise.all(Array.from({ length: 6 }, () => registerSchemas(registry, { prefix })));
      for (const one of all) assert.deepEqual(one, all[0]);
      assert.ok(
        (await listSchemas(registry, prefix)).every(({ version, current }) => version === 1 && current),
      );
    });

    it('keeps the id of a schema when only its docs change', async () => {
      const reworded = schemaText('sensorReadings').replace(/"doc":"One scan[^"]*"/, '"doc":"Other words."');
      assert.notEqual(reworded, schemaText('sensorReadings'));
      const before = await registerSchema(registry, 'sensorReadings', reworded, prefix);
      const after = await registerSchema(registry, 'sensorReadings', schemaText('sensorReadings'), prefix);
      assert.deepEqual(after, before);
    });

    it('accepts a compatible new version, and still reads the old one', async () => {
      const grown = schemaText('sensorReadings').replace(
        '"name":"source"',
        '"name":"shift","type":"string","default":""},{"name":"source"',
      );
      await registerSchema(registry, 'sensorReadings', schemaText('sensorReadings'), prefix);
      await registerSchema(registry, 'sensorReadings', grown, prefix);
      const [listed] = await listSchemas(registry, prefix);
      assert.equal(listed?.version, 2);
      assert.equal(listed.current, false);
    });

    it('keeps its own id when another team has registered a later version, and reads that version', async () => {
      const [own] = await registerSchemas(registry, { prefix, topics: ['sensorReadings'] });
      // As a Java team does it: another namespace, a default of a second branch, times in µs.
      const theirs = schemaText('sensorReadings')
        .replace('"namespace":"castwatch"', '"namespace":"com.acme.plant"')
        .replace('timestamp-millis', 'timestamp-micros')
        .replace(
          '"name":"source"',
          '"name":"shift","type":["null","string"],"default":"early"},{"name":"source"',
        );
      const answer = await registry.register(subjectOf('sensorReadings', prefix), theirs);
      assert.ok('id' in answer, JSON.stringify(answer));
      assert.deepEqual(await registerSchemas(registry, { prefix, topics: ['sensorReadings'] }), [own]);
      // A version of ours in which only the words are others is the same schema.
      const reworded = schemaText('sensorReadings').replace(/"doc":"[^"]*"/, '"doc":"One scan."');
      assert.deepEqual(await registerSchema(registry, 'sensorReadings', reworded, prefix), own);
      const [listed] = await listSchemas(registry, prefix);
      assert.deepEqual([listed?.version, listed?.current], [2, false]);
      const codec = createSerde({ registryUrl, prefix }).codec('sensorReadings');
      const text = (value: string): Buffer => Buffer.from([2 * value.length, ...Buffer.from(value)]);
      const head = Buffer.alloc(5);
      head.writeUInt32BE(answer.id, 1);
      const micros = avsc.Type.forSchema('long').toBuffer(reading.eventTime * 1_000);
      const rest = [Buffer.from([14, 0]), text('test'), Buffer.from([0])];
      const bytes = Buffer.concat([head, text(reading.asset), micros, ...rest]);
      await codec.prepare?.([bytes]);
      assert.deepEqual(codec.decode(bytes), { ...reading, measurements: [] });
    });

    it('registers beside a schema that another team has registered first', async () => {
      const theirs = schemaText('sensorReadings').replace(
        '"namespace":"castwatch"',
        '"namespace":"com.acme.plant"',
      );
      await registry.register(subjectOf('sensorReadings', prefix), theirs);
      const [own] = await registerSchemas(registry, { prefix, topics: ['sensorReadings'] });
      assert.deepEqual(await registerSchemas(registry, { prefix, topics: ['sensorReadings'] }), [own]);
    });

    it('refuses an incompatible schema, naming topic, field and rule', async () => {
      const broken = schemaText('sensorReadings').replace(
        '"name":"sequence","type":"long"',
        '"name":"sequence","type":"string"',
      );
      assert.notEqual(broken, schemaText('sensorReadings'));
      await registerSchema(registry, 'sensorReadings', schemaText('sensorReadings'), prefix);
      await assert.rejects(registerSchema(registry, 'sensorReadings', broken, prefix), {
        code: 'SCHEMA_INCOMPATIBLE',
        message: new RegExp(`${prefix}sensor-readings.v1: .*sequence: long cannot be read as string`),
      });
      assert.ok(
        'refused' in (await registry.register(subjectOf('sensorReadings', prefix), broken)),
        'the registry itself refuses it too',
      );
    });
  });

  describe('serde', () => {
    it('exchanges records with an independent client, both ways', async () => {
      const serde = createSerde({ registryUrl, prefix });
      await serde.ready();
      const codec = serde.codec('sensorReadings');
      const other = new SchemaRegistry({ host: registryUrl });
      const theirs: unknown = await other.decode(codec.encode(reading));
      assert.deepEqual(JSON.parse(JSON.stringify(theirs)), reading);
      const id = await other.getLatestSchemaId(subjectOf('sensorReadings', prefix));
      assert.deepEqual(codec.decode(await other.encode(id, reading)), reading);
    });

    it("fetches a newer producer's schema from the registry", async () => {
      const grown = schemaText('sensorReadings').replace(
        '"name":"source"',
        '"name":"shift","type":"string","default":""},{"name":"source"',
      );
      const serde = createSerde({ registryUrl, prefix });
      await serde.ready();
      const { id } = await registerSchema(registry, 'sensorReadings', grown, prefix);
      const bytes = await new SchemaRegistry({ host: registryUrl }).encode(id, {
        ...reading,
        shift: 'night',
      });
      const codec = serde.codec('sensorReadings');
      assert.ok(codec.prepare?.([bytes]) instanceof Promise);
      await codec.prepare([bytes]);
      assert.deepEqual(codec.decode(bytes), reading);
    });

    it('reports an id that the registry does not have', async () => {
      const codec = createSerde({ registryUrl, prefix }).codec('sensorReadings');
      const bytes = Buffer.from([0, 0x7f, 0xff, 0xff, 0xf0, 1, 2, 3]);
      await codec.prepare?.([bytes]);
      assert.throws(() => codec.decode(bytes), /schema id 2147483632 is not in the registry/);
      const largest = Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]);
      await codec.prepare?.([largest]);
      assert.throws(() => codec.decode(largest), /schema id 4294967295 is not in the registry/);
    });
  });
});
