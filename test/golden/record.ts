/**
 * Records golden data with the code as it is now: `node test/golden/record.ts`. README.md says when one may.
 * @argument folder to write to; test/golden when left out
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { schemaText } from '../../schemas/avro/avro-types.ts';
import { avroTopicIds } from '../../schemas/catalogue.ts';
import { eventId, fixedHeaders } from '../../schemas/headers.ts';
import type { Serde } from '../../schemas/registry/serde.ts';
import { keyOf, records, type SourceRecord } from '../../sources/source.ts';
import { partitionForKey } from '../../stream/index.ts';
import { writeGolden, type Golden, type GoldenRecord, type Slices } from './archive.ts';
import { bundleFacts, trainingFacts, type BundleFacts } from './bundle-facts.ts';
import { modelEntries, modelEvents } from './model-records.ts';
import { plants, spoiled, type Plant } from './plants.ts';
import { partitions, runStep } from './run-step.ts';
import { carryHeaders, goldenSerde, stepNames, topics, wire } from './steps.ts';
import { tableFacts, type TableFacts } from './table-facts.ts';

const slices = 6;

const schemas = Object.fromEntries(
  avroTopicIds.map((topic, index) => [topics[topic], { id: index + 1, text: schemaText(topic) }]),
);

async function record(plant: Plant): Promise<Golden> {
  const { definition: text, bundle } = plant;
  const wired = await wire({ definition: text, schemas }, bundle);
  const { definition, predictor } = wired;
  const serde = goldenSerde(schemas);
  const found: SourceRecord[] = [];
  for await (const each of records(spoiled(plant, definition))) found.push(each);
  const byTopic: Record<string, Slices> = published(found, serde);
  const changelogs: Record<string, Golden['changelogs'][string]> = {};
  try {
    for (const step of stepNames) {
      const changelog = wired.changelog(step);
      const { outputs, half, end } = await runStep({
        stage: wired.stage(step),
        changelog,
        inputs: byTopic,
        carryHeaders,
      });
      // Two steps write rejections and all write dead letters: each step's are kept by themselves.
      for (const [topic, each] of Object.entries(outputs)) {
        const others = stepNames.filter((other) => other !== step);
        const shared = others.some((other) => wired.stage(other).outputs.includes(topic));
        byTopic[shared || topic === topics.deadLetters ? `${topic} of ${step}` : topic] = each;
      }
      if (changelog !== undefined && half !== undefined) changelogs[step] = { half, end };
    }
  } finally {
    await predictor.close();
  }
  byTopic[topics.models] = [
    modelEntries.map((value) => plain(value.process, serde.codec('models').encode(value), value.eventTime)),
  ];
  byTopic[topics.modelEvents] = [
    modelEvents.map((value) =>
      plain(value.process, serde.codec('modelEvents').encode(value), value.eventTime),
    ),
  ];
  return { definition: text, schemas, topics: byTopic, changelogs };
}

/** As publishing puts them on their topics, cut into slices of the same duration; one garbled record a topic. */
function published(found: readonly SourceRecord[], serde: Pick<Serde, 'codec'>): Record<string, Slices> {
  const first = found[0]?.timestamp ?? 0;
  const span = Math.max(...found.map(({ timestamp }) => timestamp)) + 1 - first;
  const byTopic = Object.fromEntries(
    [topics.sensorReadings, topics.mesEvents, topics.qualityLabels].map((topic) => [
      topic,
      Array.from({ length: slices }, (): GoldenRecord[] => []),
    ]),
  );
  for (const each of found) {
    const slice = Math.floor((slices * (each.timestamp - first)) / span);
    byTopic[topics[each.topic]]?.[slice]?.push(toGolden(each, serde));
  }
  for (const topicSlices of Object.values(byTopic)) {
    topicSlices[1]?.push(plain('golden', Buffer.from('not a record'), first));
    topicSlices[4]?.push({ ...plain('golden', Buffer.from('no key'), first), key: null });
    topicSlices[4]?.push({ ...plain('golden', Buffer.alloc(0), first), value: null });
  }
  return byTopic;
}

const plain = (key: string, value: Buffer, timestamp: number): GoldenRecord => ({
  partition: partitionForKey(key, partitions),
  key,
  value,
  timestamp,
  headers: {},
});

function toGolden(record: SourceRecord, serde: Pick<Serde, 'codec'>): GoldenRecord {
  const published = new Date(record.timestamp).toISOString();
  const headers = { ...fixedHeaders(record.topic, '/castwatch/golden'), ce_time: published };
  const own =
    record.topic === 'sensorReadings' && record.value !== null
      ? { ce_id: eventId(record.value), traceparent: `00-${String(record.value.sequence).padStart(32, '0')}` }
      : {};
  return {
    ...plain(keyOf(record), encoded(record, serde), record.timestamp),
    headers: { ...headers, ...own },
  };
}

function encoded(record: SourceRecord, serde: Pick<Serde, 'codec'>): Buffer {
  if (record.value === null) return record.bytes;
  if (record.topic === 'sensorReadings') return serde.codec('sensorReadings').encode(record.value);
  if (record.topic === 'mesEvents') return serde.codec('mesEvents').encode(record.value);
  return serde.codec('qualityLabels').encode(record.value);
}

const folder = resolve(process.argv[2] ?? import.meta.dirname);
mkdirSync(folder, { recursive: true });
const tables: Record<string, TableFacts> = {};
const bundles: Record<string, BundleFacts> = {};
for (const plant of plants) {
  const golden = await record(plant);
  writeGolden(join(folder, `${plant.name}.golden.br`), golden);
  tables[plant.name] = tableFacts(golden);
  bundles[plant.name] = await bundleFacts(plant.bundle, golden);
}
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
writeFileSync(join(folder, 'tables.json'), json(tables));
writeFileSync(join(folder, 'bundles.json'), json({ ...bundles, trained: await trainingFacts() }));
