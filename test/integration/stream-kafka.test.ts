/** The contract suites of the stream runtime, on a real broker. */
import { kafkaRig, type KafkaRig } from '../stream/kafka/rig.ts';
import { chainContract } from '../stream/chain.contract.ts';
import { runtimeContract } from '../stream/runtime.contract.ts';
import { unwritableContract } from '../stream/unwritable.contract.ts';
import { transportContract } from '../stream/transport.contract.ts';
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
  describe('runtime contract', () => {
    runtimeContract(() => rig);
  });
  describe('chain contract', () => {
    chainContract(() => rig);
  });
  describe('what cannot be written', () => {
    unwritableContract(() => rig);
  });
});
