import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ByteReader, ByteWriter } from '../../../processors/bytes.ts';
import { SequenceSet } from '../../../processors/validate/sequence-set.ts';
import { seed } from '../../support/seed.ts';

describe('SequenceSet', () => {
  it('recognizes each number, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 })), (numbers) => {
        const set = new SequenceSet();
        const seen = new Set<number>();
        for (const number of numbers) {
          assert.equal(set.add(number), seen.has(number) ? 'seen' : 'new');
          seen.add(number);
        }
      }),
      { seed },
    );
  });

  it('keeps 64 intervals exactly, and is unsure about closed gaps', () => {
    const set = new SequenceSet();
    for (let number = 0; number < 140; number += 2) assert.equal(set.add(number), 'new'); // 70 intervals
    assert.equal(set.add(1), 'unsure');
    assert.equal(set.add(0), 'unsure');
    assert.equal(set.add(138), 'seen');
    assert.equal(set.add(137), 'new');
    assert.equal(set.add(-5), 'unsure');
  });

  it('never accepts a number as new twice, even when it forgets', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 400 }), (numbers) => {
        const set = new SequenceSet();
        const taken = new Set<number>();
        for (const number of numbers) {
          const answer = set.add(number);
          assert.ok(answer !== 'new' || !taken.has(number));
          if (answer === 'new') taken.add(number);
        }
      }),
      { seed },
    );
  });

  it('continues the same after it was written and read', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 500 })),
        fc.array(fc.integer({ min: 0, max: 500 })),
        (first, then) => {
          const set = new SequenceSet();
          for (const number of first) set.add(number);
          const writer = new ByteWriter();
          set.write(writer);
          const copy = SequenceSet.read(new ByteReader(writer.finish()));
          for (const number of then) assert.equal(copy.add(number), set.add(number));
        },
      ),
      { seed },
    );
  });
});
