import assert from 'node:assert/strict';
import kafkajs from 'kafkajs';
import {
  createCluster,
  markAborted,
  type FetchedMessage,
  type FetchedPartition,
} from '../../../stream/kafka/internals.ts';

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
});
