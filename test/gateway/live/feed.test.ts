import assert from 'node:assert/strict';
import { startFeed, type Feed } from '../../../gateway/live/feed.ts';
import type { FeedState } from '../../../gateway/shared/messages.ts';
import {
  type ConsumeOptions,
  type Consumption,
  type GroupListener,
  MemoryBroker,
  MemoryTransport,
  StreamError,
  type Transport,
} from '../../../stream/index.ts';
import { createLogger } from '../../../telemetry/log.ts';
import { waitFor } from '../../support/wait.ts';

const topic = 'numbers';
const codec = {
  encode: (value: number) => Buffer.from(String(value)),
  decode: (bytes: Buffer) => Number(bytes.toString()),
};

/** The transport in memory, with another way to consume. */
function withConsume(
  transport: Transport,
  consume: (options: ConsumeOptions) => Promise<Consumption>,
): Transport {
  return {
    consume,
    transactionalProducer: (id) => transport.transactionalProducer(id),
    producer: () => transport.producer(),
    read: (partition, each) => transport.read(partition, each),
    partitionCount: (name) => transport.partitionCount(name),
    endOffsets: (name) => transport.endOffsets(name),
    describeTopics: (names) => transport.describeTopics(names),
    committedOffsets: (group, name) => transport.committedOffsets(group, name),
    committedPositions: (group, names) => transport.committedPositions(group, names),
    beginningOffsets: (name) => transport.beginningOffsets(name),
    close: () => transport.close(),
  };
}

describe('feed', () => {
  const running: Feed[] = [];
  afterEach(async () => {
    for (const feed of running.splice(0)) await feed.stop();
  });

  const follow = (transport: Transport, rewind: number) => {
    const values: unknown[] = [];
    const states: FeedState['state'][] = [];
    const feed = startFeed({
      transport,
      followed: [{ topic, codec, rewind, each: (value) => values.push(value) }],
      log: createLogger('test', 'silent'),
      onState: ({ state }) => states.push(state),
      onUndecodable: () => undefined,
    });
    running.push(feed);
    return { feed, values, states };
  };

  it('begins a given number of offsets before the end, and continues from there', async () => {
    const broker = new MemoryBroker();
    broker.createTopic(topic, 1);
    const send = (value: number): void => {
      broker.send([{ topic, key: null, value: codec.encode(value) }]);
    };
    for (let n = 0; n < 10; n++) send(n);
    const { feed, values, states } = follow(new MemoryTransport(broker), 3);
    await waitFor(() => values.length === 3, 'the last three');
    send(10);
    await waitFor(() => values.length === 4, 'the new one');
    assert.deepEqual(values, [7, 8, 9, 10]);
    assert.deepEqual(states, ['live']);
    await feed.stop();
  });

  it('has one consumer at a time, even when a lost one reports its loss repeatedly, and recovers', async () => {
    const broker = new MemoryBroker();
    broker.createTopic(topic, 1);
    broker.send([{ topic, key: null, value: codec.encode(1) }]);
    const memory = new MemoryTransport(broker);
    let open = 0;
    let most = 0;
    let last: GroupListener | undefined;
    let fail = 2;
    const transport = withConsume(memory, async (options) => {
      most = Math.max(most, ++open);
      last = options.listener;
      const consumption = await memory.consume(options);
      // Before the caller has it, and again and again.
      if (fail-- > 0)
        for (let n = 0; n < 5; n++)
          options.listener.lost(new StreamError('BROKER_UNAVAILABLE', 'not the leader'));
      return {
        ...consumption,
        close: async () => {
          open--;
          await consumption.close();
        },
      };
    });
    const { feed, values, states } = follow(transport, 10);
    await waitFor(() => values.length === 1, 'the value, after two failures');
    assert.equal(most, 1);
    assert.deepEqual(feed.state().state, 'live');
    last?.lost(new StreamError('BROKER_UNAVAILABLE', 'gone'));
    assert.equal(states.at(-1), 'lost');
    await waitFor(() => feed.state().state === 'live' && values.length === 2, 'the feed to be back');
    await feed.stop();
    assert.equal(open, 0, 'nothing is left open');
  });

  it('says when it shows nothing of what comes, and when it does again', async () => {
    const broker = new MemoryBroker();
    broker.createTopic(topic, 1);
    const hung = Promise.withResolvers<undefined>();
    const values: unknown[] = [];
    const feed = startFeed({
      transport: new MemoryTransport(broker),
      followed: [
        {
          topic,
          codec: { ...codec, prepare: () => hung.promise },
          rewind: 10,
          each: (value) => values.push(value),
        },
      ],
      log: createLogger('test', 'silent'),
      lookEvery: 10,
      onState: () => undefined,
      onUndecodable: () => undefined,
    });
    running.push(feed);
    try {
      await waitFor(() => feed.assignedPartitions() === 1, 'its partition');
      let sent = 0;
      await waitFor(() => {
        broker.send([{ topic, key: 'k', value: Buffer.from(String(++sent)) }]);
        return feed.stalls().length > 0;
      }, 'the stall');
      assert.equal(feed.state().state, 'live');
      assert.deepEqual(values, []);
      hung.resolve(undefined);
      await waitFor(() => feed.stalls().length === 0, 'the end of the stall');
      await waitFor(() => values.length === sent, 'all records');
    } finally {
      hung.resolve(undefined);
    }
  });
});
