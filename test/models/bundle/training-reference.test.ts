import assert from 'node:assert/strict';
import { histogramOf, makeReference } from '../../../models/bundle/training-reference.ts';
import { referenceSchema } from '../../../processors/reference/reference.ts';
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

  it('has fewer bins where there are few values, and none above the highest', () => {
    const { edges, shares } = histogramOf(Float64Array.of(0, 0, 0, 0, 0, 0, 0, 1, 1, 1));
    assert.deepEqual(edges, [0]);
    assert.deepEqual(shares, [0.7, 0.3, 0]);
    assert.deepEqual(histogramOf(Float64Array.of(5, 5, 5)), { edges: [], shares: [1, 0] });
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
