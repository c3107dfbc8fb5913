/** The topics of the catalogue on a real Kafka: made, compared and mended. */
import assert from 'node:assert/strict';
import kafkajs, { type Admin } from 'kafkajs';
import { addPartitions, createTopics } from '../../schemas/admin.ts';
import { topicIds, topicNames, topics } from '../../schemas/catalogue.ts';
import { KafkaTransport } from '../../stream/index.ts';
import { localStack, uniquePrefix } from '../support/stack.ts';

const { ConfigResourceTypes, Kafka, logLevel } = kafkajs;

describe('topics on a real broker', function () {
  this.timeout(120_000);
  let brokers: readonly string[] = [];
  let prefix = '';

  before(async () => {
    brokers = (await localStack()).kafkaBrokers;
  });
  beforeEach(() => {
    prefix = uniquePrefix();
  });

  it('are created from the catalogue, once', async () => {
    const names = Object.values(topicNames(prefix));
    const first = await createTopics({ brokers, prefix, partitions: 2 });
    assert.deepEqual(first, { created: names, existing: [], differences: [], fixed: [] });
    const second = await createTopics({ brokers, prefix, partitions: 2 });
    assert.deepEqual(second, { created: [], existing: names, differences: [], fixed: [] });
  });

  it('are created once when two processes create them at the same time', async () => {
    const reports = await Promise.all([1, 2, 3].map(() => createTopics({ brokers, prefix, partitions: 1 })));
    assert.ok(reports.every(({ differences }) => differences.length === 0));
    const { existing } = await createTopics({ brokers, prefix, partitions: 1 });
    assert.equal(existing.length, topicIds.length);
  });

  it('get more partitions where their keys are assets, and keep their number elsewhere', async () => {
    const names = topicNames(prefix);
    const all = ['sensorReadings', 'validateChangelog', 'models', 'deadLetters'] as const;
    await createTopics({ brokers, prefix, partitions: 2 });
    assert.ok((await addPartitions({ brokers, prefix, partitions: 4 })).includes(names.sensorReadings));
    assert.deepEqual(await addPartitions({ brokers, prefix, partitions: 4 }), []);
    await assert.rejects(addPartitions({ brokers, prefix, partitions: 3 }), /has 4 partitions already/);
    await withAdmin(async (admin) => {
      const { topics: found } = await admin.fetchTopicMetadata({ topics: all.map((id) => names[id]) });
      const counts = new Map(found.map(({ name, partitions }) => [name, partitions.length]));
      assert.deepEqual(
        all.map((id) => counts.get(names[id])),
        [4, 4, 2, 2],
      );
    });
    assert.deepEqual((await createTopics({ brokers, prefix, partitions: 4 })).differences, []);
  });

  it('are reported when they exist with other settings', async () => {
    await createTopics({ brokers, prefix, partitions: 1, topics: ['alerts', 'alertChangelog'] });
    const { differences } = await createTopics({ brokers, prefix, partitions: 3, topics: ['alerts'] });
    assert.deepEqual(differences, [
      `${prefix}alerts.v1 has 1 partitions instead of 3: \`castwatch topics repartition --to 3\` adds them and moves the states`,
    ]);
    const name = topicNames(prefix).alertChangelog;
    await withAdmin(async (admin) => {
      await admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: ConfigResourceTypes.TOPIC,
            name,
            configEntries: [{ name: 'cleanup.policy', value: 'delete' }],
          },
        ],
      });
    });
    const again = await createTopics({ brokers, prefix, partitions: 1, topics: ['alertChangelog'] });
    assert.match(again.differences.join('\n'), /has cleanup.policy delete instead of compact: .*--fix/);
  });

  it('that were made beforehand with the broker’s defaults are named, setting by setting, and mended when asked', async () => {
    const names = topicNames(prefix);
    const made = [names.sensorReadings, names.alerts, names.alertChangelog];
    await withAdmin(async (admin) => {
      await admin.createTopics({
        topics: made.map((topic) => ({
          topic,
          numPartitions: 1,
          configEntries:
            topic === names.alerts
              ? [
                  { name: 'compression.type', value: 'lz4' },
                  { name: 'message.timestamp.type', value: 'LogAppendTime' },
                  { name: 'min.insync.replicas', value: '2' },
                  { name: 'max.message.bytes', value: '1000' },
                  { name: 'segment.jitter.ms', value: '7' },
                ]
              : [],
        })),
      });
    });
    const options = {
      ...{ brokers, prefix, partitions: 1 },
      topics: ['sensorReadings', 'alerts', 'alertChangelog'] as const,
    };
    const transport = new KafkaTransport({ brokers, clientId: prefix });
    const producer = transport.producer();
    const ahead = {
      ...{ topic: names.sensorReadings, key: 'a', value: Buffer.from('x') },
      timestamp: Date.now() + 86_400_000,
    };
    const refused = { code: 'RECORD_REFUSED', message: /INVALID_TIMESTAMP.*topics --fix/ };
    await assert.rejects((await producer).send([ahead]), refused);
    const settingsOf = (texts: readonly string[], topic: string): string[] =>
      texts.flatMap((text) => (text.startsWith(`${topic} has `) ? [text.split(' ')[2] ?? ''] : [])).sort();
    const { differences } = await createTopics(options);
    const always = ['message.timestamp.after.max.ms'];
    const kept = [...always, 'retention.bytes', 'retention.ms'];
    assert.deepEqual(settingsOf(differences, names.sensorReadings), kept);
    assert.deepEqual(
      settingsOf(differences, names.alerts),
      [
        ...[...kept, 'compression.type', 'max.message.bytes', 'message.timestamp.type'],
        'min.insync.replicas',
      ].sort(),
    );
    assert.deepEqual(
      settingsOf(differences, names.alertChangelog),
      [
        ...[...always, 'cleanup.policy', 'max.compaction.lag.ms', 'min.cleanable.dirty.ratio'],
        ...['segment.bytes', 'segment.ms'],
      ].sort(),
    );
    const report = await createTopics({ ...options, fix: true });
    assert.equal(report.fixed.length, differences.length);
    assert.deepEqual((await createTopics(options)).differences, []);
    await (await producer).send([ahead]);
    await (await producer).close();
    await transport.close();
    await withAdmin(async (admin) => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [
          {
            ...{ type: ConfigResourceTypes.TOPIC, name: names.alerts },
            configNames: ['segment.jitter.ms'],
          },
        ],
      });
      assert.equal(resources[0]?.configEntries[0]?.configValue, '7', 'other settings stay');
    });
  });

  it('for dead letters accept the largest record of another topic, with the headers that say why', async () => {
    await createTopics({ brokers, prefix, partitions: 1, topics: ['sensorReadings', 'deadLetters'] });
    const names = topicNames(prefix);
    const producer = kafka().producer();
    await producer.connect();
    try {
      const send = (topic: string, value: Buffer, headers: Record<string, string>) =>
        producer.send({ topic, messages: [{ key: 'a', value, headers }] });
      await assert.rejects(
        send(names.sensorReadings, Buffer.alloc(1024 ** 2), {}),
        /larger than the max message size/,
      );
      const largest = Buffer.alloc(1024 ** 2 - 100);
      await send(names.sensorReadings, largest, {});
      await send(names.deadLetters, largest, { 'dead-letter.detail': 'x'.repeat(1_000) });
    } finally {
      await producer.disconnect();
    }
  });

  it('accept records with timestamps years ago and tomorrow', async () => {
    await createTopics({ brokers, prefix, partitions: 1, topics: ['sensorReadings'] });
    const topic = topicNames(prefix).sensorReadings;
    const producer = kafka().producer();
    await producer.connect();
    try {
      const day = 86_400_000;
      for (const timestamp of [Date.now() - 2_000 * day, Date.now() + day]) {
        await producer.send({ topic, messages: [{ key: 'a', value: 'x', timestamp: String(timestamp) }] });
      }
    } finally {
      await producer.disconnect();
    }
    await withAdmin(async (admin) => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [
          {
            type: ConfigResourceTypes.TOPIC,
            name: topic,
            configNames: ['retention.ms', 'retention.bytes'],
          },
        ],
      });
      const config =
        resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]) ?? [];
      assert.deepEqual(Object.fromEntries(config), {
        'retention.ms': '-1',
        'retention.bytes': String(topics.sensorReadings.retentionGiB * 1024 ** 3),
      });
    });
  });

  it('report a missing broker in one sentence', async () => {
    await assert.rejects(createTopics({ brokers: ['127.0.0.1:1'] }), {
      code: 'KAFKA_UNAVAILABLE',
      message: /127\.0\.0\.1:1 /,
    });
  });

  const kafka = (): kafkajs.Kafka => new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });

  async function withAdmin(work: (admin: Admin) => Promise<void>): Promise<void> {
    const admin = kafka().admin();
    await admin.connect();
    try {
      await work(admin);
    } finally {
      await admin.disconnect();
    }
  }
});
