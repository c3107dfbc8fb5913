/** The texts of records that other programs write. */
import assert from 'node:assert/strict';
import type { MesEvent, QualityLabel, SensorReading } from '../../../schemas/generated/types.ts';
import { serdeWithoutRegistry } from '../../../schemas/registry/serde.ts';

const reading: SensorReading = {
  ...{ asset: 'e/s/a/l/c1', eventTime: 1_700_000_000_000, sequence: 7, source: 'test', measurements: [] },
};
const mesEvent: MesEvent = {
  ...{ asset: 'e/s/a/l/c1', eventTime: 1_700_000_000_000, sequence: 1, source: 'mes', type: 'STARTED' },
  ...{ level: 'heat', id: 'H1', properties: {} },
};
const label: QualityLabel = {
  ...{ asset: 'e/s/a/l/c1', eventTime: 1, until: 2, target: 'bad', value: 1, defect: null, piece: {} },
  ...{ source: 'qm', foundAt: 3 },
};

describe('schemas/avro/outside-texts', () => {
  let padded = 0;
  const serde = serdeWithoutRegistry((texts) => (padded += texts));
  const measurements = [
    { tag: 'A', value: 1, quality: 'GOOD' },
    { tag: 'B', value: 2, quality: 'GOOD' },
  ] as const;
  beforeEach(() => (padded = 0));

  it('lose the NULs that pad them, which is counted', () => {
    const codec = serde.codec('sensorReadings');
    const tags = [measurements[0], { ...measurements[1], tag: 'B\0\0' }];
    for (const times of [1, 2]) {
      const given = { ...reading, asset: `${reading.asset}\0`, source: 'plc\0\0', measurements: tags };
      assert.deepEqual(codec.decode(codec.encode(given)), { ...reading, source: 'plc', measurements });
      assert.equal(padded, 3 * times);
    }
    const events = serde.codec('mesEvents');
    const clean = { ...mesEvent, id: 'H1', properties: { grade: 'S355' } };
    const given = { ...clean, id: 'H1\0', properties: { 'grade\0': 'S355\0\0' } };
    assert.deepEqual(events.decode(events.encode(given)), clean);
    const labels = serde.codec('qualityLabels');
    const found = { ...label, defect: 'crack\0', piece: { heat: 'H1\0' } };
    assert.deepEqual(labels.decode(labels.encode(found)), {
      ...label,
      defect: 'crack',
      piece: { heat: 'H1' },
    });
    assert.equal(padded, 11);
  });

  it('are refused with the field when they cannot be stored or are not what was sent', () => {
    const codec = serde.codec('sensorReadings');
    assert.deepEqual(codec.decode(codec.encode({ ...reading, measurements })), {
      ...reading,
      measurements,
    });
    const refused = (given: SensorReading, why: RegExp): void => {
      assert.throws(() => codec.decode(codec.encode(given)), why);
    };
    refused({ ...reading, source: 'a\0b' }, /^Error: sensor-readings\.v1: source contains NUL/);
    refused({ ...reading, source: 'x'.repeat(257) }, /source has 257 bytes in UTF-8; 256 are allowed/);
    refused({ ...reading, asset: 'x'.repeat(513) }, /asset has 513 bytes/);
    const tags = [measurements[0], { ...measurements[1], tag: 'B\0B' }];
    refused({ ...reading, measurements: tags }, /measurements\[1\]\.tag contains NUL/);
    const events = serde.codec('mesEvents');
    const grade = { ...mesEvent, properties: { grade: 'S\u0000355' } };
    assert.throws(() => events.decode(events.encode(grade)), /properties\.grade contains NUL/);
  });

  it('come with times from 1970 to 2099, or are refused with the field', () => {
    const beyond = Date.UTC(2100, 0, 1);
    const readings = serde.codec('sensorReadings');
    assert.throws(
      () => readings.decode(readings.encode({ ...reading, eventTime: beyond })),
      /sensor-readings\.v1: eventTime is in the year 2100/,
    );
    const events = serde.codec('mesEvents');
    assert.throws(() => events.decode(events.encode({ ...mesEvent, eventTime: -1 })), /in the year 1969/);
    const labels = serde.codec('qualityLabels');
    for (const field of ['eventTime', 'until', 'foundAt'])
      assert.throws(
        () => labels.decode(labels.encode({ ...label, [field]: beyond })),
        new RegExp(`${field} is in the year 2100`),
      );
  });

  it('are refused when their bytes are not UTF-8', () => {
    const codec = serde.codec('sensorReadings');
    const bytes = codec.encode({ ...reading, source: 'plc' });
    bytes[bytes.indexOf('plc')] = 0xe4; // an ä of cp1252
    assert.throws(() => codec.decode(bytes), /source contains U\+FFFD/);
  });
});
