import assert from 'node:assert/strict';
import { Waiting } from '../../../../sinks/timescale/writing/waiting.ts';
import { silentLog } from '../../../../stream/index.ts';
import { waitFor } from '../../../support/wait.ts';

describe('waiting for the database', () => {
  it('reports an attempt that does not end, as behind a lock, until it ends', async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    const waiting = new Waiting(silentLog, {}, new AbortController().signal, 10);
    const stored = waiting.until('database', () => promise);
    assert.equal(waiting.problems.length, 0);
    await waitFor(() => Promise.resolve(waiting.problems.length > 0), 'the sink to say what it waits for');
    assert.match(waiting.problems.join(), /^database: a statement has not ended for/);
    resolve({});
    await stored;
    assert.deepEqual(waiting.problems, []);
  });
});
