import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { topicConfig } from '../../schemas/topic-config.ts';
import { avroType } from '../../schemas/avro/avro-types.ts';
import { avroTopicIds, subjectOf, topicNames, topics } from '../../schemas/catalogue.ts';

describe('schemas/catalogue', () => {
  it('names each topic once, and each schema file belongs to one', () => {
    const names = Object.values(topics).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    const files = readdirSync(join(import.meta.dirname, '../../schemas/topics')).filter((name) =>
      name.endsWith('.avsc'),
    );
    assert.deepEqual(files.sort(), avroTopicIds.map((id) => topics[id].schema).sort());
  });

  it('has the asset or process, and the event time, in every Avro value', () => {
    for (const id of avroTopicIds) {
      const { fields } = avroType(id) as unknown as { readonly fields: readonly { readonly name: string }[] };
      const names = fields.map(({ name }) => name);
      const about = topics[id].key === 'asset' ? 'asset' : 'process';
      assert.ok(names.includes(about) && names.includes('eventTime'), id);
    }
  });

  it('puts the prefix before topics and subjects', () => {
    assert.equal(topicNames('t-').sensorReadings, 't-sensor-readings.v1');
    assert.equal(subjectOf('sensorReadings', 't-'), 't-sensor-readings.v1-value');
  });
});

describe('schemas/admin', () => {
  it('keeps by size by default, because the age of a record comes from its own timestamp', () => {
    const bySize = topicConfig(topics.alerts, 1, 'by-size');
    assert.equal(bySize['retention.ms'], '-1');
    assert.equal(bySize['retention.bytes'], String(1024 ** 3));
    const byAge = topicConfig(topics.alerts, 1, 'by-age');
    assert.equal(byAge['retention.ms'], String(365 * 24 * 3_600_000));
    assert.equal(byAge['retention.bytes'], '-1');
  });

  it('keeps changelogs short and never deletes from them by age', () => {
    const config = topicConfig(topics.featuresChangelog, 1, 'by-age');
    assert.equal(config['cleanup.policy'], 'compact');
    assert.equal(config['retention.ms'], undefined);
    assert.ok(Number(config['min.cleanable.dirty.ratio']) < 0.5);
  });

  it('keeps the history of compacted topics that have one', () => {
    const config = topicConfig(topics.models, 1, 'by-size');
    assert.equal(config['cleanup.policy'], 'compact');
    assert.equal(config['min.compaction.lag.ms'], String(3_650 * 24 * 3_600_000));
    assert.equal(config['max.compaction.lag.ms'], undefined);
  });

  it('demands two in-sync replicas where there are three', () => {
    assert.equal(topicConfig(topics.alerts, 3, 'by-size')['min.insync.replicas'], '2');
    assert.equal(topicConfig(topics.alerts, 2, 'by-size')['min.insync.replicas'], '1');
  });
});
