import assert from 'node:assert/strict';
import { movedText } from '../../../processors/drift/words.ts';
import { singleBelow } from '../../../processors/reference/histogram.ts';

describe('the words for drift', () => {
  const text = (edges: readonly number[], bin: number): string => {
    const shares = Array<number>(edges.length + 2).fill(0);
    return movedText({ title: 'level', unit: 'mm', histogram: { edges, shares } }, bin, 0.6);
  };

  it('name the place of a bin', () => {
    assert.deepEqual(
      [0, 1, 2, 3].map((bin) => text([1, 2], bin)),
      ['up to 1 mm', 'between 1 and 2 mm', 'above 2 mm', 'missing'].map(
        (place) => `level: 60 % of values ${place}, usually 0 %`,
      ),
    );
  });

  it('name a value that has a bin of its own', () => {
    const edges = [singleBelow(0), 0, singleBelow(50), 50];
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((bin) => text(edges, bin)),
      ['below 0 mm', 'at 0 mm', 'between 0 and 50 mm', 'at 50 mm', 'above 50 mm'].map(
        (place) => `level: 60 % of values ${place}, usually 0 %`,
      ),
    );
  });
});
