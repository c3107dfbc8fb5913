import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { Multiset } from '../../proof/multiset.ts';

const difference = (
  expected: readonly string[],
  found: readonly string[],
): ReturnType<Multiset['difference']> => {
  const set = new Multiset();
  for (const each of expected) set.expect(Buffer.from(each));
  for (const each of found) set.find(Buffer.from(each));
  return set.difference();
};

describe('proof/multiset', () => {
  it('tells lost from doubled from unknown', () => {
    assert.deepEqual(difference(['a', 'a', 'b', 'c'], ['c', 'a', 'b', 'b', 'x']), {
      expected: 4,
      found: 5,
      lost: 1,
      duplicates: 1,
      unexpected: 1,
    });
  });

  it('finds nothing in any order of the same, and something as soon as one is left out or doubled', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 });
    fc.assert(
      fc.property(letters, fc.nat(), (all, pick) => {
        const { lost, duplicates, unexpected } = difference(all, [...all].reverse());
        assert.deepEqual([lost, duplicates, unexpected], [0, 0, 0]);
        const index = pick % all.length;
        assert.equal(difference(all, all.toSpliced(index, 1)).lost, 1);
        assert.equal(difference(all, [...all, ...all.slice(index, index + 1)]).duplicates, 1);
      }),
    );
  });
});
