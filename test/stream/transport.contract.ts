/** What the runtime requires of a transport. Every transport passes this suite. */
import assert from 'node:assert/strict';
import { until } from '../../base/retry.ts';
import {
  StreamError,
  partitionForKey,
  partitionKey,
  type Consumption,
  type GroupListener,
  type OffsetToCommit,
  type RawRecord,
  type TopicPartition,
} from '../../stream/index.ts';
import { readAll, type Rig } from './harness.ts';

/** A listener that reads every partition from the beginning and keeps what it receives. */
class Recorder implements GroupListener {
  readonly owned = new Set<string>();
  readonly got: { source: TopicPartition; record: RawRecord }[] = [];
  readonly positions = new Map<string, number>();
  readonly gaps: { source: TopicPartition; from: number; to: number }[] = [];
  readonly start: number;

  constructor(start = 0) {
    this.start = start;
  }

  assigned(partitions: readonly TopicPartition[]): Promise<readonly OffsetToCommit[]> {
    const fresh = partitions.filter((partition) => !this.owned.has(partitionKey(partition)));
    this.owned.clear();
    for (const partition of partitions) this.owned.add(partitionKey(partition));
    return Promise.resolve(fresh.map((partition) => ({ ...partition, offset: this.start })));
  }

  records(source: TopicPartition, records: readonly RawRecord[], position: number): void {
    for (const record of records) this.got.push({ source, record });
    this.positions.set(partitionKey(source), position);
  }

  gap(source: TopicPartition, from: number, to: number): void {
    this.gaps.push({ source, from, to });
  }

  lost(): void {
    // The suite does not break the broker.
  }
}

export function transportContract(rig: () => Rig): void {
  const consumptions: Consumption[] = [];
  const join = async (group: string, topics: readonly string[], listener: Recorder): Promise<Consumption> => {
    const consumption = await rig().transport.consume({ group, topics, listener, sessionTimeout: 6_000 });
    consumptions.push(consumption);
    return consumption;
  };

  afterEach(async () => {
    await Promise.all(consumptions.splice(0).map((consumption) => consumption.close()));
  });

  const newTopic = async (partitions = 3): Promise<string> => {
    const name = rig().name('topic');
    await rig().createTopics([{ name, partitions }]);
    return name;
  };

  const send = async (topic: string, keys: readonly string[]): Promise<void> => {
    const producer = await rig().transport.producer();
    await producer.send(
      keys.map((key, index) => ({ topic, key, value: Buffer.from(`${index}`), timestamp: 1_000 + index })),
    );
    await producer.close();
  };

  it('keeps key, value, timestamp and headers of a record, and a tombstone', async () => {
    const topic = await newTopic(1);
    const producer = await rig().transport.producer();
    await producer.send([
      {
        topic,
        key: 'k',
        value: Buffer.from([0, 255]),
        timestamp: 1_234,
        headers: { a: 'text', b: Buffer.from([7]) },
      },
      { topic, key: 'k', value: null, timestamp: 1_235 },
    ]);
    await producer.close();
    const [first, second] = await readAll(rig(), topic);
    assert.equal(first?.key?.toString(), 'k');
    assert.deepEqual(first.value, Buffer.from([0, 255]));
    assert.equal(first.timestamp, 1_234);
    assert.equal(first.headers?.['a']?.toString(), 'text');
    assert.deepEqual(Buffer.from(first.headers['b'] ?? ''), Buffer.from([7]));
    assert.equal(second?.value, null);
  });

  it("puts keys where Kafka's own producers put them", async () => {
    const topic = await newTopic(5);
    const keys = ['plant/line/a', 'plant/line/b', 'é', '21', ''];
    await send(topic, keys);
    for (let partition = 0; partition < 5; partition++) {
      await rig().transport.read({ topic, partition }, (records) => {
        for (const { key } of records) assert.equal(partitionForKey(key ?? '', 5), partition);
      });
    }
    assert.equal((await readAll(rig(), topic)).length, keys.length);
  });

  it('shows all of a transaction, records and offsets, to the next owner of its transactional id', async () => {
    const topic = await newTopic(1);
    const group = rig().name('group');
    const id = rig().name('id');
    assert.equal((await rig().transport.committedOffsets(group, topic)).get(0), undefined);
    for (let offset = 1; offset <= 5; offset++) {
      const producer = await rig().transport.transactionalProducer(id);
      assert.equal(
        (await rig().transport.committedOffsets(group, topic)).get(0) ?? 1,
        offset,
        'stable when fenced',
      );
      assert.equal((await readAll(rig(), topic)).length, offset - 1);
      await producer.transact(
        [{ topic, key: 'k', value: Buffer.from('1') }],
        [{ group, offsets: [{ topic, partition: 0, offset: offset + 1 }] }],
      );
      await producer.close();
    }
  });

  it('commits offsets without records too', async () => {
    const topic = await newTopic(1);
    const group = rig().name('group');
    const producer = await rig().transport.transactionalProducer(rig().name('id'));
    for (const offset of [17, 18]) {
      await producer.transact([], [{ group, offsets: [{ topic, partition: 0, offset }] }]);
      await until(
        'it is committed',
        async () => (await rig().transport.committedOffsets(group, topic)).get(0) === offset,
      );
    }
    await producer.close();
  });

  it('fences the previous owner of the transactional id', async () => {
    const topic = await newTopic(1);
    const group = rig().name('group');
    const id = rig().name('id');
    const zombie = await rig().transport.transactionalProducer(id);
    await zombie.transact([{ topic, key: 'k', value: Buffer.from('zombie, alive') }], []);
    const heir = await rig().transport.transactionalProducer(id);
    await assert.rejects(
      zombie.transact(
        [{ topic, key: 'k', value: Buffer.from('zombie, dead') }],
        [{ group, offsets: [{ topic, partition: 0, offset: 9 }] }],
      ),
      (error) => error instanceof StreamError && error.code === 'FENCED',
    );
    await heir.transact(
      [{ topic, key: 'k', value: Buffer.from('heir') }],
      [{ group, offsets: [{ topic, partition: 0, offset: 1 }] }],
    );
    await until(
      'the heir has committed',
      async () => (await rig().transport.committedOffsets(group, topic)).get(0) === 1,
    );
    const values = (await readAll(rig(), topic)).map(({ value }) => value?.toString());
    assert.deepEqual(values, ['zombie, alive', 'heir']);
    await Promise.all([zombie.close(), heir.close()]);
  });

  it('commits what several groups have read with one transaction', async () => {
    const topic = await newTopic(1);
    const groups = [rig().name('group'), rig().name('group')];
    const producer = await rig().transport.transactionalProducer(rig().name('id'));
    await producer.transact(
      [],
      groups.map((group, index) => ({ group, offsets: [{ topic, partition: 0, offset: 7 + index }] })),
    );
    for (const [index, group] of groups.entries()) {
      await until(
        'it is committed',
        async () => (await rig().transport.committedOffsets(group, topic)).get(0) === 7 + index,
      );
    }
    await producer.close();
  });

  it('aborts a transaction whose records do not get the expected offsets', async () => {
    const topic = await newTopic(1);
    const group = rig().name('group');
    const write = (texts: readonly string[]) =>
      texts.map((text) => ({ topic, partition: 0, key: 'k', value: Buffer.from(text) }));
    const at = (offset: number) => [{ topic, partition: 0, offset }];
    const producer = await rig().transport.transactionalProducer(rig().name('id'));
    await producer.transact(write(['0', '1']), [], at(0));
    await producer.transact(write(['3']), [], at(3));
    await send(topic, ['k']); // somebody else's, at 5
    await assert.rejects(
      producer.transact(write(['lost']), [{ group, offsets: at(6) }], at(5)),
      (error) =>
        error instanceof StreamError && error.code === 'TRANSACTION_ABORTED' && /5/.test(error.message),
    );
    await producer.close();
    assert.equal((await rig().transport.committedOffsets(group, topic)).get(0), undefined);
    const values = (await readAll(rig(), topic)).map(({ value }) => value?.toString());
    assert.deepEqual(values, ['0', '1', '3', '0']);
  });

  it('counts positions past transaction markers, so that a reader that has read everything is at the end', async () => {
    const topic = await newTopic(1);
    const producer = await rig().transport.transactionalProducer(rig().name('id'));
    for (let i = 0; i < 3; i++)
      await producer.transact([{ topic, key: 'k', value: Buffer.from(`${i}`) }], []);
    await producer.close();
    const end = 6;
    await until(
      'the last marker is written',
      async () => (await rig().transport.endOffsets(topic)).get(0) === end,
    );
    const recorder = new Recorder();
    await join(rig().name('group'), [topic], recorder);
    await until('the reader to be at the end', () => recorder.positions.get(`${topic}/0`) === end);
    assert.deepEqual(
      recorder.got.map(({ record }) => record.value?.toString()),
      ['0', '1', '2'],
    );
  });

  it('starts where the listener says', async () => {
    const topic = await newTopic(1);
    await send(topic, ['k', 'k', 'k', 'k']);
    const recorder = new Recorder(2);
    await join(rig().name('group'), [topic], recorder);
    await until('two records came', () => recorder.got.length >= 2);
    assert.deepEqual(
      recorder.got.map(({ record }) => record.offset),
      [2, 3],
    );
  });

  it('divides partitions among members, with the same partition of all topics to one, and reassigns them when one leaves', async () => {
    const [left, right] = [await newTopic(4), await newTopic(4)];
    const group = rig().name('group');
    const [a, b] = [new Recorder(), new Recorder()];
    await join(group, [left, right], a);
    await until('the first has all', () => a.owned.size === 8);
    const second = await join(group, [left, right], b);
    await until('both have half', () => a.owned.size === 4 && b.owned.size === 4);
    for (const owned of [a.owned, b.owned]) {
      for (let partition = 0; partition < 4; partition++) {
        assert.equal(owned.has(`${left}/${partition}`), owned.has(`${right}/${partition}`), 'co-partitioned');
      }
    }
    consumptions.splice(consumptions.indexOf(second), 1);
    await second.close();
    await until('the first has all again', () => a.owned.size === 8);
    await send(left, ['x', 'y', 'z']);
    await until('the first gets everything', () => a.got.length === 3);
    assert.equal(b.got.length, 0);
  });

  it('delivers nothing of a paused partition until it is resumed, and then nothing twice', async () => {
    const topic = await newTopic(1);
    const recorder = new Recorder();
    const consumption = await join(rig().name('group'), [topic], recorder);
    await send(topic, ['k']);
    await until('the first record came', () => recorder.got.length === 1);
    consumption.pause([{ topic, partition: 0 }]);
    await send(topic, ['k', 'k']);
    const other = new Recorder();
    await join(rig().name('group'), [topic], other);
    await until('another group has all three', () => other.got.length === 3);
    assert.ok(recorder.got.length === 1, 'paused');
    consumption.resume([{ topic, partition: 0 }]);
    await until('the rest came', () => recorder.got.length >= 3);
    assert.deepEqual(
      recorder.got.map(({ record }) => record.offset),
      [0, 1, 2],
    );
  });

  it('names a topic that does not exist', async () => {
    const name = rig().name('nowhere');
    await assert.rejects(
      rig().transport.endOffsets(name),
      (error) =>
        error instanceof StreamError && error.code === 'TOPIC_MISSING' && error.message.includes(name),
    );
  });
}
