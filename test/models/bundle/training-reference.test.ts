import assert from 'node:assert/strict';
import { histogramOf, makeReference } from '../../../models/bundle/training-reference.ts';
import { referenceSchema } from '../../../processors/reference/reference.ts';
import { stabilityIndex } from '../../../processors/drift/stability-index.ts';
import { binOf, binsOf, singleBelow } from '../../../processors/reference/histogram.ts';
import { matrix } from '../../../models/numbers/matrix.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('the reference of a bundle', () => {
  it('cuts values into tenths', () => {
    const { edges, shares } = histogramOf(Float64Array.from({ length: 1000 }, (_, index) => index + 1));
    assert.equal(edges.length, 9);
    assert.deepEqual(edges.slice(0, 2), [101, 201]);
    assert.ok(shares.slice(0, 10).every((share) => Math.abs(share - 0.1) < 0.0011));
    assert.equal(shares.at(-1), 0);
  });

  it('puts missing values into a separate bin', () => {
    const { shares } = histogramOf(Float64Array.of(1, 2, 3, NaN));
    assert.equal(shares.at(-1), 0.25);
    assert.ok(Math.abs(sum(shares) - 1) < 1e-4);
  });

  it('gives a frequent value a bin of its own, and has fewer bins where there are few values', () => {
    const { edges, shares } = histogramOf(Float64Array.of(0, 0, 0, 0, 0, 0, 0, 1, 1, 1));
    assert.deepEqual(edges, [singleBelow(0), 0, singleBelow(1), 1]);
    assert.deepEqual(shares, [0, 0.7, 0, 0.3, 0, 0]);
    const constant = histogramOf(Float64Array.of(0.1, 0.1, 0.1));
    assert.deepEqual(constant.shares, [0, 1, 0, 0]);
    assert.deepEqual(
      [-1, 0.0999999, 0.1, Math.fround(0.1), 0.1000001].map((value) => binOf(constant, value)),
      [0, 0, 1, 1, 2],
    );
  });

  const draws = (share: number, value: number, other: number): Float64Array =>
    Float64Array.from({ length: 2_000 }, (_, row) => (row < share * 2_000 ? value : other));
  const driftOf = (training: Float64Array, live: Float64Array): number => {
    const reference = histogramOf(training);
    const counts = new Uint32Array(binsOf(reference));
    for (const value of live) {
      const bin = binOf(reference, value);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return stabilityIndex(counts, reference);
  };

  it('shows drift at the highest value as it shows it at the lowest', () => {
    const high = driftOf(draws(0.95, 1, 0), draws(0.4, 1, 0));
    const low = driftOf(draws(0.95, 0, 1), draws(0.4, 0, 1));
    assert.ok(Math.abs(high - low) < 1e-9 && high > 1.5, `${high} and ${low}`);
  });

  it('shows drift away from a frequent value, to either side', () => {
    const usual = draws(1, 50, 50);
    assert.ok(driftOf(usual, usual) < 1e-9);
    for (const now of [80, 50.001, 49.999, 20, -50, NaN]) assert.ok(driftOf(usual, draws(1, now, now)) > 5);
    // In the middle, too: a third of the values are 0, others lie on both sides.
    const spread = (zero: number): Float64Array =>
      Float64Array.from({ length: 3_000 }, (_, row) => (row % 3 === 0 ? zero : Math.sin(row)));
    assert.ok(driftOf(spread(0), spread(-0.001)) > 1 && driftOf(spread(0), spread(0.001)) > 1);
  });

  it('has the same bins as ever where no value is frequent', () => {
    const values = Float64Array.from({ length: 500 }, (_, index) => Math.fround(Math.sin(index) * 7));
    const sorted = values.toSorted();
    const tenths = Array.from({ length: 9 }, (_, index) => sorted[50 * (index + 1)] ?? NaN);
    assert.deepEqual(
      histogramOf(values).edges,
      tenths.map((tenth) => Number(tenth.toPrecision(6))),
    );
  });

  it('exists even when a feature has no values', () => {
    assert.deepEqual(histogramOf(Float64Array.of(NaN, NaN)), { edges: [], shares: [0, 1] });
  });

  it('describes the training rows only, and is the same after writing and reading', () => {
    const features = matrix(3, 2, Float32Array.of(1, 10, 2, 20, 99, 99));
    const reference = makeReference(features, Uint32Array.of(0, 1), Float64Array.of(0.1, 0.9));
    assert.deepEqual(
      reference.features.map(({ edges }) => edges),
      [[1], [10]],
    );
    assert.equal(reference.assets, undefined);
    assert.deepEqual(referenceSchema.parse(JSON.parse(JSON.stringify(reference))), reference);
  });

  it('describes each asset that has enough rows', () => {
    const rows = 2_500;
    const of = Uint8Array.from({ length: rows }, (_, row) => (row < 1_000 ? 0 : row < 1_500 ? 1 : 2));
    const features = matrix(
      rows,
      1,
      Float32Array.from(of, (asset, row) => 1_000 * asset + (row % 10)),
    );
    const all = Uint32Array.from({ length: rows }, (_, row) => row);
    const { assets } = makeReference(features, all, new Float64Array(3), { of, names: ['a', 'b', 'c'] });
    assert.deepEqual(Object.keys(assets ?? {}), ['a', 'c']);
    assert.ok((assets?.['a']?.[0]?.edges.at(-1) ?? NaN) < 10);
    assert.ok((assets?.['c']?.[0]?.edges[0] ?? NaN) >= 2_000);
  });
});
