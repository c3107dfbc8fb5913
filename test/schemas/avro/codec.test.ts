import assert from 'node:assert/strict';
import avsc from 'avsc';
import fc from 'fast-check';
import { avroType, parseSchema, schemaText } from '../../../schemas/avro/avro-types.ts';
import { AvroCodec } from '../../../schemas/avro/codec.ts';
import type { SensorReading } from '../../../schemas/generated/types.ts';
import { serdeWithoutRegistry } from '../../../schemas/registry/serde.ts';
import { WriterSchemas, type FetchSchema } from '../../../schemas/avro/writer-schemas.ts';
import { CastwatchError } from '../../../base/errors.ts';
import { seed } from '../../support/seed.ts';
import { anyFeatureRow, anyReading } from '../arbitrary.ts';

const reading: SensorReading = {
  asset: 'e/s/a/l/c1',
  eventTime: 1_700_000_000_000,
  sequence: 7,
  source: 'test',
  measurements: [
    { tag: 'A', value: 1.5, quality: 'GOOD' },
    { tag: 'B', value: null, quality: 'BAD' },
  ],
};
const type = avroType('sensorReadings');
const readings = serdeWithoutRegistry().codec('sensorReadings');

/** The reading's schema with something changed, as text. */
function changed(
  change: (schema: Record<string, unknown> & { fields: Record<string, unknown>[] }) => void,
): string {
  const schema = JSON.parse(schemaText('sensorReadings')) as Parameters<typeof change>[0];
  change(schema);
  return JSON.stringify(schema);
}

function framed(id: number, avro: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, avro]);
}

/** A long as Avro writes it. */
function zigzag(long: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (long << 1n) ^ (long >> 63n));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

function codecWith(fetch: FetchSchema, now: () => number = () => 0): AvroCodec<SensorReading> {
  const writers = new WriterSchemas(fetch, now);
  writers.set(1, type);
  return new AvroCodec({ name: 'sensor-readings.v1', type, writers, ownId: () => 1 });
}

describe('schemas/avro/codec', () => {
  it('writes a zero byte, the id big-endian, and plain Avro', () => {
    const bytes = readings.encode(reading);
    assert.deepEqual([...bytes.subarray(0, 5)], [0, 0, 0, 0, 1]);
    assert.deepEqual(
      avsc.Type.forSchema(JSON.parse(schemaText('sensorReadings')) as avsc.Schema).toBuffer(reading),
      bytes.subarray(5),
    );
  });

  it('returns exactly what was encoded, as plain objects', () => {
    fc.assert(
      fc.property(anyReading, (value) => {
        assert.deepStrictEqual(readings.decode(readings.encode(value)), value);
      }),
      { seed },
    );
    const rows = serdeWithoutRegistry().codec('features');
    fc.assert(
      fc.property(anyFeatureRow, (value) => {
        assert.deepStrictEqual(rows.decode(rows.encode(value)), value);
      }),
      { seed },
    );
  });

  it('encodes values larger than its buffer, and small ones after them', () => {
    const measurement = { tag: 'A', value: 1, quality: 'GOOD' } as const;
    const large = { ...reading, measurements: Array.from({ length: 300_000 }, () => measurement) };
    assert.deepEqual(readings.decode(readings.encode(large)), large);
    assert.deepEqual(readings.decode(readings.encode(reading)), reading);
  });

  it('keeps encoded values apart from each other', () => {
    const first = readings.encode(reading);
    readings.encode({ ...reading, asset: 'another' });
    assert.deepEqual(readings.decode(first), reading);
  });

  it('names the field that does not fit the schema', () => {
    const wrong = { ...reading, measurements: [{ tag: 'A', value: 'hot', quality: 'GOOD' }] };
    assert.throws(
      () => readings.encode(wrong as unknown as SensorReading),
      (error) =>
        error instanceof CastwatchError &&
        error.code === 'BUG' &&
        /measurements\.0\.value.*hot/.test(error.message),
    );
  });

  it('refuses numbers that a long cannot hold exactly', () => {
    assert.throws(() => readings.encode({ ...reading, sequence: 2 ** 52 }), /sequence/);
    assert.throws(() => readings.encode({ ...reading, sequence: Number.NaN }), /sequence/);
    assert.throws(() => readings.encode({ ...reading, sequence: 1.5 }), /sequence/);
  });

  it('reads any 64-bit long exactly or says that it cannot', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (long) => {
        // asset "", eventTime 0, sequence, source "", no measurements
        const bytes = framed(1, Buffer.concat([Buffer.of(0, 0), zigzag(long), Buffer.of(0, 0)]));
        try {
          assert.equal(BigInt(readings.decode(bytes).sequence), long);
        } catch (error) {
          assert.ok(
            error instanceof Error && /sensor-readings\.v1.*between -2\^52 and 2\^52/.test(error.message),
            String(error),
          );
          assert.ok(long >= 2n ** 52n || long <= -(2n ** 52n));
        }
      }),
      { seed, examples: [[-(2n ** 52n) - 1n], [2n ** 53n], [2n ** 52n - 1n]] },
    );
  });

  describe('bytes that are not a value', () => {
    it('are refused with the reason', () => {
      const good = readings.encode(reading);
      assert.throws(() => readings.decode(Buffer.alloc(0)), /tombstone/);
      assert.throws(() => readings.decode(Buffer.from([0, 0, 1])), /only 3 bytes/);
      assert.throws(() => readings.decode(Buffer.from('{"asset":"x"}')), /begins with byte 123/);
      assert.throws(() => readings.decode(good.subarray(0, 20)), /ends too early/);
      assert.throws(() => readings.decode(Buffer.concat([good, Buffer.from([0, 0])])), /2 bytes too many/);
    });

    it('never pass as a shorter value', () => {
      const good = readings.encode(reading);
      for (let length = 0; length < good.length; length++) {
        assert.throws(() => readings.decode(good.subarray(0, length)), Error, `cut at ${length}`);
      }
    });

    it('never hang or exhaust memory, whatever counts they state', () => {
      const fields = Buffer.concat([...['a', 's'].map((text) => Buffer.from([2, text.charCodeAt(0)]))]);
      const head = Buffer.concat([fields.subarray(0, 2), Buffer.from([2, 2]), fields.subarray(2)]);
      for (const count of ['feffffff0f', 'feffffffffff3f', 'ffffffff0f02']) {
        assert.throws(
          () => readings.decode(framed(1, Buffer.concat([head, Buffer.from(count, 'hex')]))),
          /items where/,
        );
      }
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
          try {
            readings.decode(framed(1, Buffer.from(bytes)));
          } catch (error) {
            assert.ok(error instanceof Error);
          }
        }),
        { numRuns: 2_000, seed },
      );
    });

    it('skips a large array of another writer only within the bytes', () => {
      const writerText = changed((schema) =>
        schema.fields.unshift({ name: 'extra', type: { type: 'array', items: 'int' }, default: [] }),
      );
      const writers = new WriterSchemas(() => Promise.resolve(undefined));
      writers.set(9, parseSchema(writerText));
      const codec = new AvroCodec({ name: 't', type, writers, ownId: () => undefined });
      assert.throws(() => codec.decode(framed(9, Buffer.from('feffffffffff3f', 'hex'))), /items where/);
    });

    it('with a map key that would change the prototype are refused', () => {
      const events = serdeWithoutRegistry().codec('mesEvents');
      const event = {
        asset: 'a',
        eventTime: 1,
        sequence: 1,
        source: 's',
        type: 'STARTED',
        level: 'l',
        id: 'i',
      } as const;
      const bytes = events.encode({
        ...event,
        properties: JSON.parse('{"__proto__":"x"}') as Record<string, string>,
      });
      assert.throws(() => events.decode(bytes), /__proto__/);
    });
  });

  describe('records of other writers', () => {
    const write = (text: string, value: object): Buffer => parseSchema(text).toBuffer(value);

    it('resolve when older or newer and compatible', async () => {
      const older = changed((schema) => {
        const items = schema.fields[4]?.['type'] as { items: { fields: object[] } };
        items.items.fields.pop();
      });
      const newer = changed((schema) => schema.fields.push({ name: 'shift', type: 'string', default: '' }));
      const codec = codecWith((id) =>
        Promise.resolve({ text: id === 2 ? older : newer, type: 'AVRO', references: false }),
      );
      const batch = [
        framed(2, write(older, reading)),
        framed(3, write(newer, { ...reading, shift: 'night' })),
      ];
      await codec.prepare(batch);
      assert.deepEqual(codec.decode(batch[0] ?? Buffer.of()), {
        ...reading,
        measurements: reading.measurements.map(({ tag, value }) => ({ tag, value, quality: 'GOOD' })),
      });
      assert.deepEqual(codec.decode(batch[1] ?? Buffer.of()), reading);
    });

    it('with an enum symbol that we do not know get its default', async () => {
      const newer = schemaText('sensorReadings').replace('"BAD"', '"BAD","SIMULATED"');
      const codec = codecWith(() => Promise.resolve({ text: newer, type: 'AVRO', references: false }));
      const bytes = framed(
        2,
        write(newer, { ...reading, measurements: [{ tag: 'A', value: 1, quality: 'SIMULATED' }] }),
      );
      await codec.prepare([bytes]);
      assert.equal(codec.decode(bytes).measurements[0]?.quality, 'UNCERTAIN');
    });

    it('are refused by field and rule when incompatible', async () => {
      const other = changed((schema) => {
        schema.fields = schema.fields.filter(({ name }) => name !== 'source');
      });
      const codec = codecWith(() => Promise.resolve({ text: other, type: 'AVRO', references: false }));
      const bytes = framed(2, write(other, reading));
      await codec.prepare([bytes]);
      assert.throws(
        () => codec.decode(bytes),
        /schema id 2 cannot be read as castwatch\.SensorReading: source: is new and has no default/,
      );
    });

    it('that are not Avro, have references or are invalid are refused with the reason', async () => {
      const answers = new Map([
        [2, { text: 'syntax = "proto3";', type: 'PROTOBUF', references: false }],
        [3, { text: schemaText('sensorReadings'), type: 'AVRO', references: true }],
        [4, { text: '{"type":"recor"}', type: 'AVRO', references: false }],
      ]);
      const codec = codecWith((id) => Promise.resolve(answers.get(id)));
      await codec.prepare([2, 3, 4].map((id) => framed(id, Buffer.of())));
      assert.throws(() => codec.decode(framed(2, Buffer.of())), /PROTOBUF, not Avro/);
      assert.throws(() => codec.decode(framed(3, Buffer.of())), /refers to other subjects/);
      assert.throws(() => codec.decode(framed(4, Buffer.of())), /schema id 4 cannot be read/);
    });
  });

  describe('schema ids that are not known yet', () => {
    it('are fetched once, however many records and tasks need them', async () => {
      const asked: number[] = [];
      const codec = codecWith((id) => {
        asked.push(id);
        return Promise.resolve({ text: schemaText('sensorReadings'), type: 'AVRO', references: false });
      });
      const bytes = framed(42, type.toBuffer(reading));
      await Promise.all([codec.prepare([bytes, bytes]), codec.prepare([bytes])]);
      assert.deepEqual(asked, [42]);
      assert.equal(codec.prepare([bytes, bytes]), undefined, 'nothing left to fetch');
      assert.deepEqual(codec.decode(bytes), reading);
    });

    it('cost nothing when every record is in our own schema', () => {
      const codec = codecWith(() => assert.fail('nothing is to be fetched'));
      assert.equal(codec.prepare([codec.encode(reading), Buffer.of(), Buffer.from('rubbish')]), undefined);
    });

    it('and are not in the registry are refused for a while, and then asked for again', async () => {
      let time = 0;
      let there = false;
      let asked = 0;
      const codec = codecWith(
        () => {
          asked += 1;
          return Promise.resolve(
            there ? { text: schemaText('sensorReadings'), type: 'AVRO', references: false } : undefined,
          );
        },
        () => time,
      );
      const bytes = framed(4711, type.toBuffer(reading));
      await codec.prepare([bytes]);
      assert.throws(() => codec.decode(bytes), /schema id 4711 is not in the registry/);
      assert.equal(codec.prepare([bytes]), undefined);
      time = 60_000;
      there = true;
      await codec.prepare([bytes]);
      assert.equal(asked, 2);
      assert.deepEqual(codec.decode(bytes), reading);
    });

    it('reject while the registry is down, so that no record becomes a dead letter', async () => {
      let down = true;
      const codec = codecWith(() =>
        down
          ? Promise.reject(new CastwatchError('REGISTRY_UNAVAILABLE', 'down'))
          : Promise.resolve({ text: schemaText('sensorReadings'), type: 'AVRO', references: false }),
      );
      const bytes = framed(5, type.toBuffer(reading));
      await assert.rejects(codec.prepare([bytes]) ?? Promise.resolve(), { code: 'REGISTRY_UNAVAILABLE' });
      down = false;
      await codec.prepare([bytes]);
      assert.deepEqual(codec.decode(bytes), reading);
    });
  });

  it('throws when it is used before the registry has assigned an id', () => {
    const codec = new AvroCodec<SensorReading>({
      name: 'sensor-readings.v1',
      type,
      writers: new WriterSchemas(() => Promise.resolve(undefined)),
      ownId: () => undefined,
    });
    assert.throws(() => codec.encode(reading), { code: 'BUG' });
  });
});
