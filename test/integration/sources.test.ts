/** Sources on a real Kafka and schema registry: every record arrives once, in order. */
import assert from 'node:assert/strict';
import { createTopics } from '../../schemas/admin.ts';
import { topicNames } from '../../schemas/catalogue.ts';
import { createSerde } from '../../schemas/registry/serde.ts';
import { KafkaTransport, partitionForKey, type RawRecord } from '../../stream/index.ts';
import { openSource } from '../../sources/open.ts';
import { publish } from '../../sources/publish/publish.ts';
import { keyOf } from '../../sources/source.ts';
import { casting, collect, start } from '../sources/plants.ts';
import { seed } from '../support/seed.ts';
import { localStack, uniquePrefix } from '../support/stack.ts';

describe('sources on a real broker', function () {
  this.timeout(120_000);

  it('publish a simulation with faults: every record on its partition, in the order of the source', async () => {
    const stack = await localStack();
    const prefix = uniquePrefix();
    const names = topicNames(prefix);
    const topics = ['sensorReadings', 'mesEvents', 'qualityLabels'] as const;
    const partitions = 3;
    await createTopics({ brokers: stack.kafkaBrokers, partitions, topics, prefix });
    const serde = createSerde({ registryUrl: stack.registryUrl, prefix });
    await serde.ready();
    const transport = new KafkaTransport({ brokers: stack.kafkaBrokers, clientId: 'test-sources' });
    try {
      const definition = casting('S1', 'S2', 'S3', 'S4');
      const flags = { source: 'simulator', file: [], seed: `${seed}`, faults: 'all' } as const;
      const source = await openSource(definition, { ...flags, startTime: start, minutes: 10 });
      const producer = await transport.producer();
      const summary = await publish({ source, producer, serde, prefix, speed: 'max' });
      await producer.close();
      assert.equal(summary.resent, 0);

      const all = await collect(source);
      for (const topic of topics)
        for (let partition = 0; partition < partitions; partition++) {
          const got: RawRecord[] = [];
          await transport.read({ topic: names[topic], partition }, (records) => got.push(...records));
          const expected = all.filter(
            (r) => r.topic === topic && partitionForKey(keyOf(r), partitions) === partition,
          );
          assert.equal(got.length, expected.length, `${topic} ${partition}`);
          got.forEach(({ offset, key, value, timestamp, headers }, place) => {
            const record = expected[place];
            assert.ok(record !== undefined && value !== null);
            assert.equal(offset, place);
            assert.equal(key?.toString(), keyOf(record));
            assert.equal(timestamp, record.timestamp);
            assert.equal(headers?.['ce_specversion']?.toString(), '1.0');
            if (record.value === null) assert.deepEqual(value, record.bytes);
            else assert.deepEqual({ ...serde.codec(topic).decode(value) }, { ...record.value });
          });
        }
    } finally {
      await transport.close();
    }
  });
});
