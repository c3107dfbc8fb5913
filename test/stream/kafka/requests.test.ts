import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { inRequests } from '../../../stream/kafka/requests.ts';
import type { ProducerRecord } from '../../../stream/transport.ts';

const record = (bytes: number): ProducerRecord => ({ topic: 't', key: 'k', value: Buffer.alloc(bytes) });

describe('stream/kafka/requests', () => {
  it('keeps all records in their order, and every request below what a broker takes', () => {
    const sizes = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 100_000, max: 1_200_000 })),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(sizes, (bytes) => {
        const records = bytes.map(record);
        const requests = [...inRequests(records)];
        assert.deepEqual(requests.flat(), records);
        for (const request of requests) {
          const total = request.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
          assert.ok(request.length === 1 || total < 1024 * 1024);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('makes one request of what fits into one, without copying', () => {
    const records = [record(10), record(20)];
    assert.equal([...inRequests(records)][0], records);
    assert.deepEqual([...inRequests([])], []);
  });
});
