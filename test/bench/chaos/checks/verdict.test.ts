import { strict as assert } from 'node:assert';
import { Multiset } from '../../../../proof/multiset.ts';
import { judge, percentile } from '../../../../bench/chaos/checks/verdict.ts';

/** What the oracle expects against what was found, as the comparison of a topic counts it. */
function judged(expected: readonly string[], found: readonly string[]) {
  const multiset = new Multiset();
  for (const record of expected) multiset.expect(Buffer.from(record));
  for (const record of found) multiset.find(Buffer.from(record));
  const { lost, duplicates, unexpected } = multiset.difference();
  const deviations = { missing: lost, extra: duplicates + unexpected, different: 0 };
  return judge({ lost: 0, duplicates, deviations, differences: [] });
}

describe('the verdict of a chaos run', () => {
  const generated = ['a', 'b', 'b', 'c'];

  it('passes when all records are there, in any order', () => {
    assert.equal(judged(generated, ['c', 'b', 'a', 'b']), 'all records delivered');
  });

  it('finds one lost record', () => {
    assert.equal(judged(generated, ['a', 'b', 'c']), 'processed less than generated');
  });

  it('finds one duplicate', () => {
    assert.equal(judged(generated, ['a', 'b', 'b', 'c', 'c']), 'processed more than generated');
  });

  it('finds a record that was never generated', () => {
    assert.equal(judged(generated, [...generated, 'd']), 'processed more than generated');
  });

  it('does not balance a lost record with a duplicate', () => {
    assert.equal(judged(generated, ['a', 'a', 'b', 'b']), 'processed otherwise than generated');
  });

  it('finds a reading without an outcome, a row with wrong content, and any other difference', () => {
    const good = {
      lost: 0,
      duplicates: 0,
      deviations: { missing: 0, extra: 0, different: 0 },
      differences: [],
    };
    assert.equal(judge(good), 'all records delivered');
    assert.equal(judge({ ...good, lost: 1 }), 'processed less than generated');
    assert.equal(
      judge({ ...good, deviations: { missing: 0, extra: 0, different: 1 } }),
      'processed otherwise than generated',
    );
    assert.equal(
      judge({ ...good, differences: ['a stray dead letter'] }),
      'processed otherwise than generated',
    );
  });

  it('says that records were deleted only if nothing else is wrong', () => {
    const source = { topic: 't', partition: 0 };
    const missing = [
      { reader: 'sink' as const, source, gap: { reason: 'deleted' as const, from: 1, to: 3, at: 0 } },
    ];
    const deleted = {
      ...{ lost: 0, duplicates: 0, deviations: { missing: 0, extra: 0, different: 0 } },
      ...{ differences: [], missing, notCompared: [] },
    };
    assert.equal(judge(deleted), 'all records delivered but the deleted ones');
    assert.equal(judge({ ...deleted, lost: 1 }), 'processed less than generated');
    assert.equal(judge({ ...deleted, notCompared: ['a partition'] }), 'processed otherwise than generated');
  });

  it('computes percentiles by nearest rank', () => {
    assert.equal(percentile([], 0.5), null);
    assert.equal(percentile([3, 1, 2], 0.5), 2);
    assert.equal(percentile([3, 1, 2], 0.99), 3);
  });
});
