/**
 * Chapter 7. The breaker.
 *
 * One bad record is a dead letter. When most records are bad, something else is wrong: a producer with a new format, or a
 * step with a bug. Then the task stops before it commits the batch, and waits for an operator. Nothing is lost, and the
 * dead-letter topic does not fill up with the whole input.
 *
 * The operator corrects the cause. What is on the topic stays wrong, though: a restart stops at the same place. So the
 * operator tells the breaker to go on. The records that are there now become dead letters, and are not counted.
 */
import assert from 'node:assert/strict';
import {
  emit,
  startStreamApp,
  tellToGoOn,
  type Input,
  type Output,
  type Processor,
} from '../../stream/index.ts';
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
    const committed = await transport.committedOffsets('manual-copy', 'readings');
    assert.deepEqual([...committed.values()], [0], 'nothing is committed but where it began');
    await close();
  });

  it('goes on when an operator tells it to', async () => {
    const { transport, send, holds, run, close } = workbench([
      'readings',
      'copied',
      'dead-letters',
      'breakers',
    ]);
    await send('readings', [
      ...Array.from({ length: 30 }, () => ['pump-1', Buffer.from('a new format')] as const),
      ['pump-1', { celsius: 20 }],
    ]);
    const app = run(
      startStreamApp(copy, {
        transport,
        application: 'manual',
        deadLetterTopic: 'dead-letters',
        // Here the app reports what stands still, and finds the operator's order.
        breakerTopic: 'breakers',
        breaker: { window: 50, minimum: 20, maxShare: 0.5 },
      }),
    );
    await waitFor(() => app.status().state === 'halted', 'the breaker');
    assert.deepEqual(
      app.status().standstills.map(({ step, partition }) => [step, partition]),
      [['copy', 0]],
    );

    await tellToGoOn({
      transport,
      breakerTopic: 'breakers',
      by: 'Ada',
      why: 'the producer is corrected',
      upTo: 1_000,
    });
    assert.equal((await holds('copied', 1)).length, 1);
    assert.equal((await holds('dead-letters', 30)).length, 30);
    await close();
  });
});
