import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DelayLine } from '../../../sources/faults/delay-line.ts';
import { seed } from '../../support/seed.ts';

describe('sources/faults/delay-line', () => {
  it('returns the due records, by time and then by order of arrival', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }),
        fc.integer({ min: 0, max: 25 }),
        (dues, time) => {
          const line = new DelayLine<{ due: number; id: number }>();
          const items = dues.map((due, id) => ({ due, id }));
          for (const item of items) line.add(item);
          const sorted = [...items].sort((a, b) => a.due - b.due || a.id - b.id);
          const first: typeof items = [];
          line.release(time, first);
          assert.deepEqual(
            first,
            sorted.filter((item) => item.due < time),
          );
          const rest: typeof items = [];
          line.release(Infinity, rest);
          assert.deepEqual([...first, ...rest], sorted);
        },
      ),
      { seed },
    );
  });
});
