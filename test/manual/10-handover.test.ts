/**
 * Chapter 10. Handover between two members.
 *
 * Start a second process, and the group gives it some of the partitions. Each partition belongs to one task at a time. The
 * new owner fences the old one first, then restores the state. Records are neither lost nor done twice, also when the old
 * owner does not know yet that it has lost the partition.
 */
import assert from 'node:assert/strict';
import {
  StreamError,
  emit,
  startStreamApp,
  type Input,
  type Output,
  type Processor,
  type StreamApp,
} from '../../stream/index.ts';
import { waitFor } from '../support/wait.ts';
import { json, workbench } from './workbench.ts';

interface Reading {
  readonly n: number;
}
interface Count {
  readonly count: number;
}

const counting: Processor<Input<'readings', Reading>, Output<'counts', Count>, { count: number }> = {
  step: {
    name: 'count',
    create: () => ({ count: 0 }),
    process({ key, timestamp }, state) {
      state.count += 1;
      return emit({ to: 'counts', key, timestamp, value: { count: state.count } });
    },
  },
  inputs: { readings: { topic: 'readings', codec: json<Reading>(), role: 'stream' } },
  outputs: { counts: { topic: 'counts', codec: json<Count>() } },
  state: { codec: json<{ count: number }>(), changelog: 'log' },
};

const pumps = ['pump-1', 'pump-2', 'pump-3', 'pump-4', 'pump-5'];

describe('manual 10: handover', () => {
  it('keeps counting without a gap or a repeat while members come and go', async () => {
    const { transport, send, processed, read, run, close } = workbench(
      ['readings', 'counts', 'log', 'dead-letters'],
      4,
    );
    const member = (): StreamApp =>
      run(startStreamApp(counting, { transport, application: 'manual', deadLetterTopic: 'dead-letters' }));
    const has = (app: StreamApp, partitions: number): Promise<boolean> =>
      waitFor(() => app.status().tasks.length === partitions, `${partitions} partitions`);
    const sendOneEach = (n: number): Promise<void> =>
      send(
        'readings',
        pumps.map((pump) => [pump, { n }]),
      );

    const first = member();
    await has(first, 4);
    for (let n = 1; n <= 20; n++) await sendOneEach(n);

    const second = member();
    await Promise.all([has(first, 2), has(second, 2)]);
    for (let n = 21; n <= 40; n++) await sendOneEach(n);

    await first.stop();
    await has(second, 4);
    for (let n = 41; n <= 60; n++) await sendOneEach(n);
    await processed('manual-count', 'readings');

    const counts = await read('counts');
    for (const pump of pumps)
      assert.deepEqual(
        counts.filter(({ key }) => key === pump).map(({ value }) => value),
        Array.from({ length: 60 }, (_, index) => ({ count: index + 1 })),
        pump,
      );
    await close();
  });

  it('fences a previous owner: its next transaction is refused', async () => {
    const { transport } = workbench(['counts']);
    // A task's transactional id is made of group, topic and partition, so both owners use the same one.
    const before = await transport.transactionalProducer('manual-count-readings-0');
    await transport.transactionalProducer('manual-count-readings-0');
    await assert.rejects(
      before.transact([{ topic: 'counts', key: 'pump-1', value: Buffer.from('{}') }], []),
      (error: unknown) => error instanceof StreamError && error.code === 'FENCED',
    );
  });
});
