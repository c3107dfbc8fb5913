/**
 * Chapter 8. Restart, and restore from the changelog.
 *
 * A process ends because it is stopped, crashes, or loses its machine. The next process finds its place in the
 * group's offsets and the state in the changelog. Both were written in one transaction, so they agree.
 */
import assert from 'node:assert/strict';
import {
  emit,
  startStreamApp,
  type Input,
  type Output,
  type Processor,
  type StreamAppOptions,
  type Transport,
} from '../../stream/index.ts';
import { json, workbench } from './workbench.ts';

interface Reading {
  readonly celsius: number;
}
interface Sum {
  readonly count: number;
}

const counting: Processor<Input<'readings', Reading>, Output<'sums', Sum>, { count: number }> = {
  step: {
    name: 'count',
    create: () => ({ count: 0 }),
    process({ key, timestamp }, state) {
      state.count += 1;
      return emit({ to: 'sums', key, timestamp, value: { count: state.count } });
    },
  },
  inputs: { readings: { topic: 'readings', codec: json<Reading>(), role: 'stream' } },
  outputs: { sums: { topic: 'sums', codec: json<Sum>() } },
  state: { codec: json<{ count: number }>(), changelog: 'log' },
};
const topics = ['readings', 'sums', 'log', 'dead-letters'];
const optionsOn = (transport: Transport): StreamAppOptions => ({
  transport,
  application: 'manual',
  deadLetterTopic: 'dead-letters',
});
const counts = (seen: readonly { readonly value: unknown }[]): unknown[] => seen.map(({ value }) => value);

describe('manual 8: restart', () => {
  it('continues where it was', async () => {
    const { transport, send, holds, run, close } = workbench(topics);
    const before = run(startStreamApp(counting, optionsOn(transport)));
    await send('readings', [
      ['pump-1', { celsius: 1 }],
      ['pump-1', { celsius: 2 }],
    ]);
    await holds('sums', 2);
    // Finishes the current batch, commits it, and leaves the group.
    await before.stop();

    await send('readings', [['pump-1', { celsius: 3 }]]);
    const restored: number[] = [];
    const observer = { restored: (_step: string, _partition: number, keys: number) => restored.push(keys) };
    run(startStreamApp(counting, { ...optionsOn(transport), observer }));
    assert.deepEqual(counts(await holds('sums', 3)), [{ count: 1 }, { count: 2 }, { count: 3 }]);
    assert.deepEqual(restored, [1], 'the state of one key was read from the changelog');
    await close();
  });

  it('repeats a transaction that failed', async () => {
    const { transport, send, holds, run, close } = workbench(topics);
    let failures = 1;
    /** The same transport, but its first transaction fails, as when the connection breaks. */
    const breaking: Transport = {
      consume: (options) => transport.consume(options),
      producer: () => transport.producer(),
      read: (partition, each) => transport.read(partition, each),
      partitionCount: (topic) => transport.partitionCount(topic),
      endOffsets: (topic) => transport.endOffsets(topic),
      beginningOffsets: (topic) => transport.beginningOffsets(topic),
      describeTopics: (topics) => transport.describeTopics(topics),
      committedOffsets: (group, topic) => transport.committedOffsets(group, topic),
      committedPositions: (group, topics) => transport.committedPositions(group, topics),
      close: () => transport.close(),
      async transactionalProducer(id) {
        const producer = await transport.transactionalProducer(id);
        return {
          transact: (...transaction) =>
            failures-- > 0
              ? Promise.reject(new Error('the connection broke'))
              : producer.transact(...transaction),
          close: () => producer.close(),
        };
      },
    };
    await send('readings', [
      ['pump-1', { celsius: 1 }],
      ['pump-1', { celsius: 2 }],
    ]);
    run(startStreamApp(counting, optionsOn(breaking)));
    // The states in memory of the first attempt were discarded, so nothing is counted twice.
    assert.deepEqual(counts(await holds('sums', 2)), [{ count: 1 }, { count: 2 }]);
    assert.ok(failures < 1, 'a transaction has failed');
    await close();
  });
});
