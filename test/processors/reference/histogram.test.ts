import assert from 'node:assert/strict';
import { binOf } from '../../../processors/reference/histogram.ts';
import { binRow } from '../../../processors/reference/reference.ts';

const histogram = { edges: [1, 2, 4], shares: [0.25, 0.25, 0.25, 0.25, 0] };

describe('histograms of a reference', () => {
  it('put a value into its bin, upper edges included, missing values last', () => {
    assert.deepEqual(
      [-5, 1, 1.5, 2, 3, 4, 9, Infinity, NaN].map((value) => binOf(histogram, value)),
      [0, 0, 1, 1, 2, 2, 3, 3, 4],
    );
  });

  it('put a value on an edge into the same bin as training, which uses single precision', () => {
    const edge = Math.fround(0.1);
    assert.ok(edge > 0.1);
    assert.equal(binOf({ edges: [edge], shares: [] }, 0.1), 0);
    assert.equal(binOf({ edges: [0.1], shares: [] }, 0.1), 1);
  });

  it('give each feature one byte', () => {
    const reference = { rows: 100, features: [histogram, histogram], score: histogram };
    assert.deepEqual(binRow(reference, 'a', [3, NaN]), Buffer.from([2, 4]));
    assert.deepEqual(binRow(reference, 'a', [3]), Buffer.from([2, 4]));
  });

  it('are those of the asset when training knew it', () => {
    const low = { edges: [10, 20], shares: [0.5, 0.25, 0.25, 0] };
    const reference = { rows: 100, features: [histogram], assets: { a: [low] }, score: histogram };
    assert.deepEqual(binRow(reference, 'a', [15]), Buffer.from([1]));
    assert.deepEqual(binRow(reference, 'b', [15]), Buffer.from([3]));
  });
});
