/** Both versions of the transaction protocol on a real broker, with what can happen to a connection in between. */
import assert from 'node:assert/strict';
import { StreamError } from '../../stream/index.ts';
import type { ClusterView } from '../../stream/kafka/cluster.ts';
import { createTransactionalProducer } from '../../stream/kafka/transactional-producer.ts';
import { FaultyCluster, type Fate } from '../stream/kafka/faulty-cluster.ts';
import { openKafkaClients, textRecord, type KafkaClients } from '../support/kafka-clients.ts';
import { waitFor } from '../support/wait.ts';

const transactionTimeout = 10_000;
/** Answers of a coordinator that has moved, and of a broker that wants a moment: tags, throttle time, error code, rest. */
const endTxnAnswer = (errorCode: number): Buffer =>
  Buffer.from([0, 0, 0, 0, 0, 0, errorCode, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const [notCoordinator, concurrentTransactions] = [16, 51];

describe("Kafka's transactions", function () {
  this.timeout(60_000);
  let kafka: KafkaClients['kafka'];
  let transport: KafkaClients['transport'];
  let unique: KafkaClients['unique'];
  let createTopic: KafkaClients['createTopic'];
  let read: KafkaClients['read'];
  let valuesOf: KafkaClients['valuesOf'];
  let close: KafkaClients['close'];

  before(async function () {
    this.timeout(180_000);
    ({ kafka, transport, unique, createTopic, read, valuesOf, close } = await openKafkaClients());
  });
  after(() => close());

  it('are fenced strictly by the broker of the tests', async () => {
    const cluster = new FaultyCluster(kafka, false);
    const weaknesses: string[] = [];
    try {
      const producer = await createTransactionalProducer(cluster, {
        ...{ transactionalId: unique('strict'), transactionTimeout },
        onWeakFencing: (why) => weaknesses.push(why),
      });
      await producer.close();
    } finally {
      await cluster.close();
    }
    assert.deepEqual(weaknesses, []);
  });

  for (const { version, groupsElsewhere } of [
    { version: 1, groupsElsewhere: false },
    { version: 2, groupsElsewhere: false },
    { version: 2, groupsElsewhere: true },
  ]) {
    describe(`version ${version}${groupsElsewhere ? ', groups coordinated by another node' : ''}`, () => {
      const clusters: ClusterView[] = [];
      afterEach(() => Promise.all(clusters.splice(0).map((cluster) => cluster.close())));

      const open = (id: string, cluster: ClusterView = new FaultyCluster(kafka, groupsElsewhere)) => {
        if (!clusters.includes(cluster)) clusters.push(cluster);
        return createTransactionalProducer(cluster, {
          transactionalId: id,
          transactionTimeout,
          transactionVersion: version,
        });
      };
      /** A producer, and a cluster that does to the nth request of a name what is said. */
      const openFaulty = async (id: string, name: string, ...fates: Fate[]) => {
        const cluster = new FaultyCluster(kafka, groupsElsewhere);
        const producer = await open(id, cluster);
        cluster.asked.length = 0;
        cluster.fate = (apiName) => (apiName === name ? (fates.shift() ?? 'sent') : 'sent');
        return { cluster, producer };
      };
      const committed = async (group: string, topic: string): Promise<number | undefined> =>
        (await transport.committedOffsets(group, topic)).get(0);
      const failsWith = (code: string) => (error: unknown) =>
        error instanceof StreamError && error.code === code;

      it('are written one after the other, each to several partitions', async () => {
        const topic = await createTopic(4);
        const group = unique('group');
        const producer = await open(unique('id'));
        for (let n = 0; n < 20; n++) {
          const records = Array.from({ length: 40 }, (_, index) => ({
            ...textRecord(topic, `${n}`),
            partition: index % 4,
          }));
          await producer.transact(records, [{ group, offsets: [{ topic, partition: 0, offset: n + 1 }] }]);
        }
        await producer.close();
        for (let partition = 0; partition < 4; partition++) {
          const values = (await read(topic, partition)).map(({ value }) => Number(value?.toString()));
          assert.deepEqual(
            values,
            Array.from({ length: 200 }, (_, index) => Math.floor(index / 10)),
          );
        }
        await waitFor(async () => (await committed(group, topic)) === 20, 'the offset');
      });

      it('are split into several requests when one request would be too large', async () => {
        const topic = await createTopic(1);
        const producer = await open(unique('id'));
        const value = Buffer.alloc(100_000, 1);
        const records = Array.from({ length: 45 }, () => ({ topic, key: 'k', value }));
        await producer.transact(records, []);
        await producer.transact(records, []);
        await producer.close();
        assert.equal((await read(topic)).length, 90);
      });

      it('are aborted as a whole when one record is too large', async () => {
        const topic = await createTopic(1);
        const group = unique('group');
        const producer = await open(unique('id'));
        const large = { topic, key: 'k', value: Buffer.alloc(1_500_000) };
        await assert.rejects(
          producer.transact(
            [textRecord(topic, 'small'), large],
            [{ group, offsets: [{ topic, partition: 0, offset: 5 }] }],
          ),
          (error) => failsWith('TRANSACTION_ABORTED')(error) && /MESSAGE_TOO_LARGE/.test(String(error)),
        );
        await producer.close();
        assert.deepEqual(await valuesOf(topic), []);
        assert.equal(await committed(group, topic), undefined);
      });

      it('are refused to a zombie, also in the middle of one', async () => {
        const topic = await createTopic(1);
        const [id, group] = [unique('id'), unique('group')];
        const { cluster, producer } = await openFaulty(id, 'EndTxn');
        await producer.transact(
          [textRecord(topic, 'before')],
          [{ group, offsets: [{ topic, partition: 0, offset: 1 }] }],
        );
        const taken = Promise.withResolvers<undefined>();
        cluster.fate = (apiName) => {
          if (apiName !== 'EndTxn') return 'sent';
          taken.resolve(undefined);
          return endTxnAnswer(concurrentTransactions); // keeps the zombie waiting until it is taken over
        };
        const dying = producer.transact(
          [textRecord(topic, 'lost')],
          [{ group, offsets: [{ topic, partition: 0, offset: 2 }] }],
        );
        await taken.promise;
        const heir = await open(id);
        cluster.fate = () => 'sent';
        await assert.rejects(dying, failsWith('FENCED'));
        await heir.transact(
          [textRecord(topic, 'heir')],
          [{ group, offsets: [{ topic, partition: 0, offset: 3 }] }],
        );
        await Promise.all([producer.close(), heir.close()]);
        assert.deepEqual(await valuesOf(topic), ['before', 'heir']);
        await waitFor(async () => (await committed(group, topic)) === 3, "the heir's offset");
      });

      for (const name of ['Produce', 'TxnOffsetCommit'])
        for (const fate of ['answer lost', 'connection cut'] as const)
          it(`are written once when the connection breaks on ${name}: ${fate}`, async () => {
            const topic = await createTopic(1);
            const group = unique('group');
            const { cluster, producer } = await openFaulty(unique('id'), name, fate);
            for (const n of [1, 2])
              await producer.transact(
                [textRecord(topic, `${n}`)],
                [{ group, offsets: [{ topic, partition: 0, offset: n }] }],
              );
            await producer.close();
            assert.ok(cluster.asked.filter((asked) => asked === name).length > 2, 'it was asked again');
            assert.deepEqual(await valuesOf(topic), ['1', '2']);
            await waitFor(async () => (await committed(group, topic)) === 2, 'the offset');
          });

      for (const fate of ['answer lost', 'connection cut'] as const)
        it(`report that their end is unknown when the connection breaks on it, and resolve it:  ${fate}`, async () => {
          const topic = await createTopic(1);
          const [id, group] = [unique('id'), unique('group')];
          const { producer } = await openFaulty(id, 'EndTxn', fate);
          await assert.rejects(
            producer.transact(
              [textRecord(topic, 'perhaps')],
              [{ group, offsets: [{ topic, partition: 0, offset: 7 }] }],
            ),
            failsWith('TRANSACTION_ABORTED'),
          );
          await producer.close();
          const heir = await open(id);
          await heir.close();
          const offset = await committed(group, topic);
          assert.deepEqual(await valuesOf(topic), offset === 7 ? ['perhaps'] : [], 'all or nothing');
          assert.ok(offset === 7 || offset === undefined);
        });

      it('find a coordinator that has moved, and wait for a busy one', async () => {
        const topic = await createTopic(1);
        const fates = [endTxnAnswer(notCoordinator), endTxnAnswer(concurrentTransactions)];
        const { cluster, producer } = await openFaulty(unique('id'), 'EndTxn', ...fates);
        await producer.transact([textRecord(topic, 'once')], []);
        await producer.close();
        assert.equal(cluster.asked.filter((asked) => asked === 'EndTxn').length, 3);
        assert.deepEqual(await valuesOf(topic), ['once']);
      });
    });
  }

  it('send records and offsets without waiting in between when one node handles both', async () => {
    const topic = await createTopic(1);
    for (const [groupsElsewhere, atOnce] of [
      [false, 2],
      [true, 1],
    ] as const) {
      const cluster = new FaultyCluster(kafka, groupsElsewhere);
      const producer = await createTransactionalProducer(cluster, {
        transactionalId: unique('id'),
        transactionTimeout,
        transactionVersion: 2,
      });
      let underWay = 0;
      let most = 0;
      cluster.fate = () => {
        underWay += 1;
        most = Math.max(most, underWay);
        return 'sent';
      };
      cluster.answered = () => (underWay -= 1);
      const offsets = [{ topic, partition: 0, offset: 1 }];
      await producer.transact([textRecord(topic, 'x')], [{ group: unique('group'), offsets }]);
      await producer.close();
      await cluster.close();
      assert.equal(most, atOnce);
    }
  });

  it('add partitions in a separate request only when the cluster needs it', async () => {
    const topic = await createTopic(1);
    for (const [version, added] of [
      [1, true],
      [undefined, false],
    ] as const) {
      const cluster = new FaultyCluster(kafka);
      const producer = await createTransactionalProducer(cluster, {
        transactionalId: unique('id'),
        transactionTimeout,
        transactionVersion: version,
      });
      await producer.transact(
        [textRecord(topic, 'x')],
        [{ group: unique('group'), offsets: [{ topic, partition: 0, offset: 1 }] }],
      );
      await producer.close();
      await cluster.close();
      assert.equal(cluster.asked.includes('AddPartitionsToTxn'), added);
      assert.equal(cluster.asked.includes('AddOffsetsToTxn'), added);
    }
  });
});
