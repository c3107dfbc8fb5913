import { strict as assert } from 'node:assert';
import { faultNamed } from '../../bench/chaos/faults/all.ts';
import { describe as inWords, runScenario } from '../../bench/chaos/scenario.ts';
import { startChaosStack, type ChaosStack } from '../../bench/chaos/rig/chaos-stack.ts';
import { untilSettled } from '../../proof/settle.ts';
import { openKafka } from '../../roles/connections.ts';
import { stepGroup } from '../../roles/shared-names.ts';
import { createTopics } from '../../schemas/admin.ts';
import type { Producer, ProducerRecord } from '../../stream/index.ts';
import { createLogger } from '../../telemetry/log.ts';
import { seed } from '../support/seed.ts';
import { uniquePrefix } from '../support/stack.ts';

describe('the pipeline during a short chaos run', function () {
  this.timeout(420_000);
  let chaosStack: ChaosStack;

  before(async () => {
    chaosStack = await startChaosStack(undefined, { shortLived: true });
  });
  after(async () => {
    await chaosStack.discard();
  });

  it('delivers all records when roles are killed, drained or paused past their session, and when the broker is away', async () => {
    const said: string[] = [];
    const result = await runScenario({
      chaosStack,
      process: 'processes/casting.yaml',
      cells: 8,
      seed: String(seed),
      speed: 20,
      say: (line) => said.push(line),
      faults: ['kill', 'drain', 'zombie', 'broker'].map(faultNamed),
      times: 1,
      readers: seed % 2 === 0 ? ['features', 'sink'] : ['validate', 'sink'],
      isOver: () => false,
    });
    assert.deepEqual(result.problems, [], said.join('\n'));
    assert.equal(result.verdict, 'all records delivered');
    assert.equal(result.passed, true);
    assert.equal(result.injections.length, 7, result.injections.map(inWords).join('\n'));
    assert.ok(result.readings > 1_000);
  });

  it('waits for a broker that fails while the run settles, and then publishes to a topic that is new to it', async () => {
    const { stack } = chaosStack;
    const prefix = uniquePrefix();
    await createTopics({ brokers: stack.kafkaBrokers, prefix });
    const log = createLogger('test', 'error');
    const kafka = await openKafka({
      ...{ brokers: stack.kafkaBrokers, registryUrl: stack.registryUrl },
      ...{ prefix, clientId: 'settle', log },
    });
    try {
      const topic = kafka.topics.sensorReadings;
      await send(await kafka.transport.producer(), {
        topic,
        partition: 0,
        key: 'k',
        value: Buffer.from('v'),
      });
      const late = await kafka.transport.producer();
      await stack.kill('kafka');
      const published = send(late, {
        ...{ topic: kafka.topics.deadLetters, partition: 0 },
        ...{ key: 'k', value: Buffer.from('v') },
      });
      published.catch(() => undefined); // awaited below
      const outage = Promise.withResolvers<Error>();
      const settled = untilSettled({ ...kafka, pool: undefined }, { onOutage: outage.resolve });
      settled.catch(outage.reject);
      assert.match((await outage.promise).message, /validate/);
      await stack.start('kafka');
      const offsets = [{ topic, partition: 0, offset: 1 }];
      const producer = await kafka.transport.transactionalProducer(`${prefix}settle`);
      await producer.transact([], [{ group: stepGroup(prefix, 'validate'), offsets }]);
      await producer.close();
      await settled;
      await published;
    } finally {
      await kafka.close();
    }
  });
});

async function send(producer: Producer, record: ProducerRecord): Promise<void> {
  await producer.send([record]);
  await producer.close();
}
