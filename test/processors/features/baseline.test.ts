import assert from 'node:assert/strict';
import fc from 'fast-check';
import { featureNames } from '../../../processes/plant.ts';
import { Baseline } from '../../../processors/features/baseline.ts';
import { Scans } from '../../../processors/features/scans.ts';
import { featuresStep, type FeaturesInput } from '../../../processors/features/step.ts';
import type { FeatureRow } from '../../../schemas/generated/types.ts';
import { seed } from '../../support/seed.ts';
import { outputs, record, runStep, smallWithBaseline, start, validated, type Scan } from '../support.ts';

const halfLife = 30;
const firstSlot = start / 1_000;
const names = featureNames(smallWithBaseline);

const rowsOf = (scans: readonly Scan[], definition = smallWithBaseline): readonly FeatureRow[] =>
  outputs(
    runStep(
      featuresStep(definition),
      scans.map((scan) => record<FeaturesInput>({ from: 'readings', value: validated(scan) })),
    ),
    'features',
  );
const valueOf = (row: FeatureRow | undefined, name: string): number =>
  row?.values[names.indexOf(name)] ?? NaN;

function folded(values: readonly (number | null)[]): Baseline {
  const tags = smallWithBaseline.tags.map(({ id }) => id);
  const scans = new Scans({ period: 1_000, tags, capacity: values.length + 2 });
  values.forEach((A, at) => scans.put(validated({ at, values: { A } })));
  const baseline = new Baseline(tags.length, halfLife);
  // In two calls, as with the hops of a stream.
  const middle = firstSlot + Math.floor(values.length / 2);
  baseline.fold(scans, firstSlot, middle);
  baseline.fold(scans, middle, firstSlot + values.length);
  return baseline;
}

/** Weights each scan by its age. A scan without A counts, but has no value of A. */
function bruteForce(values: readonly (number | null)[]): { mean: number; spread: number } {
  const known = values.flatMap((value, at) =>
    value === null ? [] : [{ value, weight: 2 ** (-(values.length - 1 - at) / halfLife) }],
  );
  const total = known.reduce((sum, { weight }) => sum + weight, 0);
  if (total < 10) return { mean: NaN, spread: NaN };
  const mean = known.reduce((sum, { value, weight }) => sum + weight * value, 0) / total;
  const squares = known.reduce((sum, { value, weight }) => sum + weight * (value - mean) ** 2, 0);
  return { mean, spread: Math.sqrt(squares / total) };
}

describe('baseline', () => {
  it('equals a brute-force recomputation with weights that halve', () => {
    const values = fc.array(fc.option(fc.double({ min: -50, max: 50, noNaN: true }), { freq: 5 }), {
      minLength: 1,
      maxLength: 120,
    });
    fc.assert(
      fc.property(values, (drawn) => {
        const [baseline, expected] = [folded(drawn), bruteForce(drawn)];
        if (Number.isNaN(expected.mean)) {
          assert.ok(Number.isNaN(baseline.meanOf(0)) && Number.isNaN(baseline.spreadOf(0)));
          return;
        }
        assert.ok(Math.abs(baseline.meanOf(0) - expected.mean) < 1e-9);
        if (expected.spread > 1e-6) assert.ok(Math.abs(baseline.spreadOf(0) / expected.spread - 1) < 1e-6);
      }),
      { seed },
    );
  });

  it('has no spread for a constant signal', () => {
    assert.equal(folded(new Array<number>(60).fill(7)).meanOf(0), 7);
    assert.ok(Number.isNaN(folded(new Array<number>(60).fill(7)).spreadOf(0)));
  });
});

describe('features against the baseline', () => {
  /** A swings by 1 about its level, with a period of 2 s. */
  const swinging = (from: number, to: number, level: number): Scan[] =>
    Array.from({ length: to - from }, (_, index) => ({
      at: from + index,
      values: { A: level + (index % 2 === 0 ? 1 : -1), B: 50 },
    }));

  it('give the distance of the mean in spreads of the baseline, at any level of the asset', () => {
    for (const level of [20, 150]) {
      const rows = rowsOf([...swinging(0, 200, level), ...swinging(200, 220, level + 10)]);
      const [before, after] = [rows.find(({ eventTime }) => eventTime === start + 200_000), rows.at(-1)];
      assert.ok(Math.abs(valueOf(before, 'A.deviation.long')) < 0.1);
      assert.ok(Math.abs(valueOf(before, 'A.spreadRatio.long') - 1) < 0.1);
      assert.ok(valueOf(after, 'A.deviation.short') > 1.5, String(valueOf(after, 'A.deviation.short')));
    }
  });

  it('do not depend on scans after the row', () => {
    const [short, long] = [
      rowsOf(swinging(0, 100, 50)),
      rowsOf([...swinging(0, 100, 50), ...swinging(100, 200, 90)]),
    ];
    assert.ok(short.length > 10);
    assert.deepEqual(long.slice(0, short.length), short);
  });

  it('scale the sequence in spreads of the baseline, ten at most', () => {
    const { features } = smallWithBaseline;
    const slow = { ...smallWithBaseline, features: { ...features, baseline: { halfLife: 600_000 } } };
    const scans = [
      ...swinging(0, 300, 50),
      { at: 300, values: { A: 180, B: 50 } },
      ...swinging(301, 320, 50),
    ];
    const row = rowsOf(scans, slow).find(({ eventTime }) => eventTime === start + 305_000);
    // Steps of 2 s from second 295 on, each with its last value: of second 296, 298, 300 (the leap), 302, 304.
    const A = Array.from({ length: 5 }, (_, step) => row?.sequence.readFloatLE(8 * step) ?? NaN);
    assert.equal(A[2], 10);
    assert.ok([0, 1, 3, 4].every((step) => Math.abs(A[step] ?? 10) < 0.5));
    assert.ok(Number.isNaN(row?.sequence.readFloatLE(4))); // B stands still: nothing to measure by
  });

  it('are missing until ten scans are known', () => {
    const [first, second, third] = rowsOf(swinging(0, 30, 50));
    assert.ok(Number.isNaN(valueOf(first, 'A.deviation.short')));
    assert.ok(Number.isNaN(valueOf(second, 'A.deviation.short'))); // the older of ten weigh less than one
    assert.ok(!Number.isNaN(valueOf(third, 'A.deviation.short')));
  });
});
