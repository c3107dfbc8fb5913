import assert from 'node:assert/strict';
import { describeMissing, findMissing } from '../../proof/missing-records.ts';
import { stepGroup } from '../../roles/shared-names.ts';
import { topicNames } from '../../schemas/catalogue.ts';
import { MemoryBroker, MemoryTransport } from '../../stream/index.ts';

describe('proof/missing-records', () => {
  it('names the range that retention has deleted before a step processed it', async () => {
    const broker = new MemoryBroker();
    const transport = new MemoryTransport(broker);
    const topics = topicNames();
    for (const name of Object.values(topics)) broker.createTopic(name, 2);
    assert.deepEqual(await findMissing({ transport, topics, prefix: '' }, undefined), []);
    const place = { topic: topics.sensorReadings, partition: 1 };
    broker.send(
      Array.from({ length: 400 }, () => ({ ...place, key: 'a', value: Buffer.from('x'), timestamp: 0 })),
    );
    const producer = await transport.transactionalProducer('validate');
    await producer.transact([], [{ group: stepGroup('', 'validate'), offsets: [{ ...place, offset: 100 }] }]);
    broker.log(place).deleteBefore(350);
    const missing = await findMissing({ transport, topics, prefix: '' }, undefined);
    assert.deepEqual(missing.map(describeMissing), [
      'validate has not processed offsets 100 to 349 of sensor-readings.v1/1, and the topic no longer has them',
    ]);
  });
});
