/** Generates any value that the contracts allow, for property tests. */
import fc from 'fast-check';
import { outsideTimes } from '../../base/outside-time.ts';
import type { FeatureRow, SensorReading } from '../../schemas/generated/types.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
/** A time that may come in from outside. */
const time = fc.integer({ min: outsideTimes.from, max: outsideTimes.until - 1 });
const long = fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 });
/** Every double, with NaN and the infinities. */
const double = fc.double();

export const anyReading: fc.Arbitrary<SensorReading> = fc.record(
  {
    asset: text,
    eventTime: time,
    sequence: long,
    source: text,
    measurements: fc.array(
      fc.record(
        {
          tag: text,
          value: fc.option(double, { nil: null }),
          quality: fc.constantFrom('GOOD', 'UNCERTAIN', 'BAD'),
        },
        { noNullPrototype: true },
      ),
      { maxLength: 30 },
    ),
  },
  { noNullPrototype: true },
);

export const anyFeatureRow: fc.Arbitrary<FeatureRow> = fc.record(
  {
    asset: text,
    eventTime: long,
    featureSet: text,
    values: fc.array(double, { maxLength: 200 }),
    sequence: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    completeness: double,
    repaired: double,
    piece: fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      text,
      { maxKeys: 5, noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
);
