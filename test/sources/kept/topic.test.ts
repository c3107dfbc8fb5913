import assert from 'node:assert/strict';
import { topicNames } from '../../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../../schemas/registry/serde.ts';
import { topicHistory } from '../../../sources/kept/topic.ts';
import { MemoryBroker, MemoryTransport } from '../../../stream/index.ts';
import { reading } from '../../processors/support.ts';

describe('the history on the topics', () => {
  it('says where a topic begins when the broker has deleted earlier records', async () => {
    const topics = topicNames();
    const serde = serdeWithoutRegistry();
    const broker = new MemoryBroker();
    for (const name of Object.values(topics)) broker.createTopic(name, 2);
    const place = { topic: topics.sensorReadings, partition: 1 };
    const codec = serde.codec('sensorReadings');
    for (let at = 0; at < 10; at++)
      broker.send([{ ...place, key: 'a', value: codec.encode(reading({ at, values: { A: 1 } })) }]);
    const history = topicHistory({ transport: new MemoryTransport(broker), serde, topics });
    const count = async (): Promise<number> => {
      let records = 0;
      for await (const batch of history) records += batch.length;
      return records;
    };
    assert.equal(await count(), 10);
    const said = () => history.malformed?.();
    assert.deepEqual(said(), {});
    broker.log(place).deleteBefore(4);
    assert.equal(await count(), 6);
    assert.deepEqual(said(), {
      deleted: { count: 4, example: 'sensor-readings.v1/1 before offset 4' },
    });
  });
});
