/** The contract suites of the stream runtime, on a real broker. */
import assert from 'node:assert/strict';
import kafkajs, { type Transaction } from 'kafkajs';
import { until } from '../../base/retry.ts';
import { kafkaRig, type KafkaRig } from '../stream/kafka/rig.ts';
import { chainContract } from '../stream/chain.contract.ts';
import { editionContract } from '../stream/edition.contract.ts';
import { goOnContract } from '../stream/go-on.contract.ts';
import { largeLettersContract } from '../stream/large-letters.contract.ts';
import { gapContract } from '../stream/gap.contract.ts';
import { partitionsContract } from '../stream/partitions.contract.ts';
import { runtimeContract } from '../stream/runtime.contract.ts';
import { stallContract } from '../stream/stall.contract.ts';
import { unwritableContract } from '../stream/unwritable.contract.ts';
import { largeStatesContract, refusedStatesContract } from '../stream/large-states.contract.ts';
import { transportContract } from '../stream/transport.contract.ts';
import { GroupMember, silentLog } from '../../stream/index.ts';
import { localStack, uniquePrefix } from '../support/stack.ts';

describe('stream on Kafka', function () {
  this.timeout(60_000);
  let rig: KafkaRig;
  before(async function () {
    this.timeout(180_000);
    rig = kafkaRig((await localStack()).kafkaBrokers, uniquePrefix());
  });
  after(() => rig.close());
  describe('transport contract', () => {
    transportContract(() => rig);
  });
  it('delivers no record of an aborted transaction', async () => {
    const topic = rig.name('items');
    await rig.createTopics([{ name: topic, partitions: 1 }]);
    const { kafkaBrokers } = await localStack();
    const kafka = new kafkajs.Kafka({ brokers: [...kafkaBrokers], logLevel: kafkajs.logLevel.NOTHING });
    const producer = kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    const send = async (value: string): Promise<Transaction> => {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ key: 'a', value }] });
      return transaction;
    };
    await (await send('aborted')).abort();
    await (await send('committed')).commit();
    await producer.disconnect();
    const received = new Set<string | undefined>();
    // A coordinator that is still loading may end a membership; the member then joins again, and reads from the start.
    const member = new GroupMember({
      transport: rig.transport,
      group: rig.name('group'),
      topics: [topic],
      log: silentLog,
      pauses: { first: 100, longest: 1_000 },
      listener: {
        assigned: (partitions) => Promise.resolve(partitions.map((source) => ({ ...source, offset: 0 }))),
        gap: () => undefined,
        records: (_source, records) => {
          for (const { value } of records) received.add(value?.toString());
        },
        ended: () => undefined,
      },
    });
    await member.start();
    await until('it has come', () => received.has('committed'));
    await member.stop();
    assert.deepEqual([...received], ['committed']);
  });
  describe('runtime contract', () => {
    runtimeContract(() => rig);
  });
  describe('chain contract', () => {
    chainContract(() => rig);
  });
  describe('editions in a group', () => {
    editionContract(() => rig);
  });
  describe('a breaker that has stopped a task', () => {
    goOnContract(() => rig);
  });
  describe('a stall', () => {
    stallContract(() => rig);
  });
  describe('dead letters', () => {
    largeLettersContract(() => rig);
  });
  describe('large states', () => {
    largeStatesContract(() => rig);
    refusedStatesContract(() => rig);
  });
  describe('gap contract', () => {
    gapContract(() => rig);
  });
  describe('partitions contract', () => {
    partitionsContract(() => rig);
  });
  describe('what cannot be written', () => {
    unwritableContract(() => rig);
  });
});
