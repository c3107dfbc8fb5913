import assert from 'node:assert/strict';
import { malformedText } from '../../base/malformed.ts';

describe('base/malformed', () => {
  it('has each reason with its count and an example', () => {
    assert.equal(
      malformedText({
        'malformed-row': { count: 3, example: 'a.csv:4 "x" is not a time' },
        'malformed-cell': { count: 1, example: 'a.csv:9 "y" is not a number' },
      }),
      '3 malformed-row, such as a.csv:4 "x" is not a time; 1 malformed-cell, at a.csv:9 "y" is not a number',
    );
  });

  it('returns undefined when there are none', () => {
    assert.equal(malformedText({}), undefined);
  });
});
