import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';
import {
  createCluster,
  markAborted,
  mendKafkajs,
  type FetchedMessage,
  type FetchedPartition,
} from '../../../stream/kafka/internals.ts';
import { waitFor } from '../../support/wait.ts';

const data = (offset: number, producerId: string): FetchedMessage => ({
  offset: `${offset}`,
  timestamp: '0',
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  batchContext: { producerId, inTransaction: true },
});

const marker = (offset: number, producerId: string, type: 'abort' | 'commit'): FetchedMessage => ({
  ...data(offset, producerId),
  key: Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]),
  isControlRecord: true,
});

const visible = (partition: FetchedPartition): number[] => {
  markAborted(partition);
  return partition.messages
    .filter(({ isControlRecord }) => isControlRecord !== true)
    .map(({ offset }) => Number(offset));
};

describe('stream/kafka/internals', () => {
  it('hides overlapping aborted transactions, in whatever order the broker lists them', () => {
    // a: 0 and 3, aborted at 5; b: 1 and 4, aborted at 6; c commits 2. The broker lists them by where they end.
    const messages = [
      data(0, 'b'),
      data(1, 'a'),
      data(2, 'c'),
      data(3, 'b'),
      data(4, 'a'),
      marker(5, 'a', 'abort'),
      marker(6, 'b', 'abort'),
      marker(7, 'c', 'commit'),
    ];
    const abortedTransactions = [
      { producerId: 'a', firstOffset: '1' },
      { producerId: 'b', firstOffset: '0' },
    ];
    assert.deepEqual(visible({ partition: 0, highWatermark: '8', abortedTransactions, messages }), [2]);
  });

  it('hides transactions that began before the fetch, even several at once', () => {
    const messages = [
      data(10, 'b'),
      data(11, 'a'),
      marker(12, 'a', 'abort'),
      marker(13, 'b', 'abort'),
      data(14, 'a'),
    ];
    const abortedTransactions = [
      { producerId: 'a', firstOffset: '1' },
      { producerId: 'b', firstOffset: '2' },
    ];
    assert.deepEqual(visible({ partition: 0, highWatermark: '15', abortedTransactions, messages }), [14]);
  });

  it('does not take a record for an abort marker because of its key', () => {
    const lookalike = { ...data(1, 'a'), key: Buffer.from([0, 0, 0, 0]) };
    const abortedTransactions = [{ producerId: 'a', firstOffset: '1' }];
    assert.deepEqual(
      visible({ partition: 0, highWatermark: '9', abortedTransactions, messages: [lookalike, data(2, 'a')] }),
      [],
    );
  });

  it('finds the inner parts of the pinned kafkajs', () => {
    const cluster = createCluster(new kafkajs.Kafka({ brokers: ['127.0.0.1:1'] }));
    assert.equal(typeof cluster.fetchTopicsOffset, 'function');
    assert.equal(typeof cluster.findLeaderForPartitions, 'function');
  });

  describe('the queue of requests', () => {
    mendKafkajs();
    const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
      prototype: { scheduleCheckPendingRequests(this: object): void };
    };
    const queue = (pending: readonly string[], throttledUntil: number) => ({
      pending,
      throttledUntil,
      throttleCheckTimeoutId: undefined as NodeJS.Timeout | null | undefined,
      looks: 0,
      checkPendingRequests() {
        this.looks += 1;
      },
    });

    it('is not looked at again when nothing waits in it', () => {
      const idle = queue([], -1);
      prototype.scheduleCheckPendingRequests.call(idle);
      assert.equal(idle.throttleCheckTimeoutId, undefined);
    });

    for (const [what, make] of [
      ['when requests wait', () => queue(['request'], -1)],
      ['when the broker asked for a pause', () => queue([], Date.now() + 20)],
    ] as const) {
      it(`is looked at again ${what}, once`, async () => {
        const busy = make();
        prototype.scheduleCheckPendingRequests.call(busy);
        prototype.scheduleCheckPendingRequests.call(busy);
        await waitFor(() => busy.looks === 1 && busy.throttleCheckTimeoutId === null, 'one look');
      });
    }
  });
});
