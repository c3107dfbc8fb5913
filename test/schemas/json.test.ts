import assert from 'node:assert/strict';
import fc from 'fast-check';
import { z } from 'zod';
import { mesEventJson, parseMesEvent, parseReading, readingJson } from '../../schemas/json.ts';
import { serdeWithoutRegistry } from '../../schemas/registry/serde.ts';
import { seed } from '../support/seed.ts';

const reading = {
  asset: 'e/s/a/l/c1',
  eventTime: 1_700_000_000_000,
  sequence: 7,
  source: 'test',
  measurements: [{ tag: 'A', value: 1.5, quality: 'BAD' }],
};

const paths = (json: unknown): readonly string[] => {
  const parsed = parseReading(json);
  return parsed.ok ? [] : parsed.problems.map(({ path }) => path);
};

describe('schemas/json', () => {
  it('accepts a complete reading unchanged', () => {
    assert.deepEqual(parseReading(reading), { ok: true, value: reading });
  });

  it('accepts times as ISO 8601 with a zone, to the ms', () => {
    for (const [text, ms] of [
      ['2023-11-14T22:13:20Z', 1_700_000_000_000],
      ['2023-11-14T23:13:20.5+01:00', 1_700_000_000_500],
    ] as const) {
      const parsed = parseReading({ ...reading, eventTime: text });
      assert.equal(parsed.ok ? parsed.value.eventTime : parsed.problems, ms);
    }
  });

  it('fills in what the contract has a default for', () => {
    const parsed = parseReading({ ...reading, measurements: [{ tag: 'A', value: 2 }, { tag: 'B' }] });
    assert.deepEqual(parsed.ok && parsed.value.measurements, [
      { tag: 'A', value: 2, quality: 'GOOD' },
      { tag: 'B', value: null, quality: 'GOOD' },
    ]);
  });

  it('names every mistake at once, with its path', () => {
    const wrong = {
      ...reading,
      sequence: 1.5,
      eventTime: '14.11.2023',
      measurements: [
        { tag: '', value: 'hot' },
        { tag: 'B', quality: 'FINE' },
      ],
    };
    assert.deepEqual(paths(wrong), [
      'eventTime',
      'sequence',
      'measurements[0].tag',
      'measurements[0].value',
      'measurements[1].quality',
    ]);
    assert.deepEqual(paths({ ...reading, colour: 'red' }), ['']);
    assert.deepEqual(
      paths({ ...reading, eventTime: '2023-11-14T22:13:20' }),
      ['eventTime'],
      'a time without a zone',
    );
    assert.deepEqual(paths(null), ['']);
  });

  it('names the accepted forms of time', () => {
    const parsed = parseReading({ ...reading, eventTime: 'noon' });
    assert.match(
      parsed.ok ? '' : (parsed.problems[0]?.message ?? ''),
      /ISO 8601 with a zone .* or ms since the epoch/,
    );
  });

  it('never accepts what the Avro contract would refuse', () => {
    const codec = serdeWithoutRegistry().codec('sensorReadings');
    const field = fc.oneof(fc.jsonValue(), fc.double(), fc.maxSafeInteger(), fc.string());
    const json = fc.record(
      {
        asset: fc.oneof(fc.string(), field),
        eventTime: field,
        sequence: fc.oneof(fc.maxSafeNat(), field),
        source: fc.oneof(fc.string(), field),
        measurements: fc.oneof(
          fc.array(fc.record({ tag: fc.string(), value: fc.oneof(fc.double(), field) })),
          field,
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(json, (value) => {
        const parsed = parseReading(value);
        if (parsed.ok) assert.deepEqual(codec.decode(codec.encode(parsed.value)), parsed.value);
      }),
      { seed, examples: [[{ ...reading, sequence: 2 ** 52 }], [{ ...reading, eventTime: 2 ** 53 - 1 }]] },
    );
  });

  it('takes MES events', () => {
    const event = {
      asset: 'a',
      eventTime: 1,
      sequence: 0,
      source: 's',
      type: 'STARTED',
      level: 'l',
      id: '17',
    };
    assert.deepEqual(parseMesEvent(event), { ok: true, value: { ...event, properties: {} } });
    assert.equal(parseMesEvent({ ...event, type: 'BEGAN' }).ok, false);
  });

  it('can be written as JSON schema', () => {
    for (const shape of [readingJson, mesEventJson]) {
      const schema = z.toJSONSchema(shape, { io: 'input' });
      assert.ok(schema.required?.includes('eventTime'));
    }
  });
});
