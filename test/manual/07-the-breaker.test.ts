/**
 * Chapter 7. The breaker.
 *
 * One bad record is a dead letter. When most records are bad, something else is wrong: a producer with a new format, or a
 * step with a bug. Then the task stops before it commits the batch, and waits for an operator. Nothing is lost, and the
 * dead-letter topic does not fill up with the whole input.
 */
import assert from 'node:assert/strict';
import { emit, startStreamApp, type Input, type Output, type Processor } from '../../stream/index.ts';
import { waitFor } from '../support/wait.ts';
import { json, workbench } from './workbench.ts';

interface Reading {
  readonly celsius: number;
}

const copy: Processor<Input<'readings', Reading>, Output<'copied', Reading>, undefined> = {
  step: {
    name: 'copy',
    create: () => undefined,
    process: ({ input, key, timestamp }) => emit({ to: 'copied', key, timestamp, value: input.value }),
  },
  inputs: { readings: { topic: 'readings', codec: json<Reading>(), role: 'stream' } },
  outputs: { copied: { topic: 'copied', codec: json<Reading>() } },
};

describe('manual 7: the breaker', () => {
  it('stops a task when too large a share of its records become dead letters', async () => {
    const { transport, send, read, run, close } = workbench(['readings', 'copied', 'dead-letters']);
    await send(
      'readings',
      Array.from({ length: 30 }, () => ['pump-1', Buffer.from('a new format')]),
    );
    const app = run(
      startStreamApp(copy, {
        transport,
        application: 'manual',
        deadLetterTopic: 'dead-letters',
        // Looks at the last 50 records, once it has seen 20. At most half of them may be dead letters.
        breaker: { window: 50, minimum: 20, maxShare: 0.5 },
      }),
    );

    await waitFor(() => app.status().state === 'halted', 'the breaker');
    assert.match(app.status().message ?? '', /20 of the last 20 records/);
    // The batch was not committed: no dead letters, and after a restart the records are read again.
    assert.equal((await read('dead-letters')).length, 0);
    assert.equal((await transport.committedOffsets('manual-copy', 'readings')).size, 0);
    await close();
  });
});
