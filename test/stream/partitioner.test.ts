import assert from 'node:assert/strict';
import { murmur2, partitionForKey } from '../../stream/partitioner.ts';

describe('stream/partitioner', () => {
  // The values that Kafka's own UtilsTest asserts of its murmur2.
  const known: readonly (readonly [string, number])[] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ];
  for (const [text, hash] of known) {
    it(`hashes ${text} as Kafka does`, () => {
      assert.equal(murmur2(Buffer.from(text)), hash);
    });
  }

  it('returns a partition below the count, whatever the sign of the hash', () => {
    for (const [text] of known) {
      const partition = partitionForKey(text, 7);
      assert.ok(partition >= 0 && partition < 7);
    }
  });
});
