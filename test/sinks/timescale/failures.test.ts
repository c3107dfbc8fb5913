/** What the sink makes of the errors of a database. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { failureOf } from '../../../sinks/timescale/failures.ts';

describe('failures of a database', () => {
  it('count a COPY that was ended after its time limit as one that may be too large', async () => {
    const unfinished = finished(new PassThrough(), { signal: AbortSignal.timeout(1) });
    const error: unknown = await unfinished.catch((found: unknown) => found);
    const { kind, mayBeSize, message } = failureOf(error);
    assert.deepEqual([kind, mayBeSize], ['outage', true]);
    assert.match(message, /COPY did not end in time/);
  });

  it('do not count a server that is away as a batch that is too large', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    assert.equal(failureOf(refused).mayBeSize, false);
  });
});
