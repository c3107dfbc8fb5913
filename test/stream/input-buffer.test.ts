import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InputBuffer } from '../../stream/input-buffer.ts';
import type { RawRecord } from '../../stream/index.ts';
import { seed } from '../support/seed.ts';

const record = (offset: number): RawRecord => ({
  offset,
  key: null,
  value: Buffer.alloc(3),
  timestamp: 0,
  headers: undefined,
});

describe('stream/input-buffer', () => {
  it('returns every record once and in order, however records are pushed and taken', () => {
    const operations = fc.array(
      fc.oneof(
        fc.record({ push: fc.integer({ min: 1, max: 9 }) }),
        fc.record({ take: fc.integer({ min: 1, max: 9 }) }),
      ),
    );
    fc.assert(
      fc.property(operations, (sequence) => {
        const buffer = new InputBuffer(0);
        const taken: number[] = [];
        let pushed = 0;
        for (const operation of sequence) {
          if ('push' in operation) {
            buffer.push(
              Array.from({ length: operation.push }, (_, index) => record(pushed + index)),
              pushed + operation.push,
            );
            pushed += operation.push;
          } else {
            const records = buffer.take(operation.take);
            assert.ok(records.length <= operation.take);
            taken.push(...records.map(({ offset }) => offset));
          }
          assert.equal(buffer.count, pushed - taken.length);
          assert.equal(buffer.bytes, 3 * buffer.count);
          assert.equal(buffer.consumed, taken.length, 'what was taken may be committed, and no more');
        }
        assert.deepEqual(
          taken,
          Array.from({ length: taken.length }, (_, index) => index),
        );
      }),
      { seed },
    );
  });

  it('leaves out what was delivered before', () => {
    const buffer = new InputBuffer(0);
    buffer.push([record(0), record(1)], 2);
    buffer.push([record(1), record(2)], 3);
    assert.deepEqual(
      buffer.take(10).map(({ offset }) => offset),
      [0, 1, 2],
    );
  });

  it('commits past transaction markers once all records are taken', () => {
    const buffer = new InputBuffer(0);
    buffer.push([record(0)], 2);
    assert.equal(buffer.consumed, 0);
    buffer.take(10);
    assert.equal(buffer.consumed, 2);
  });
});
