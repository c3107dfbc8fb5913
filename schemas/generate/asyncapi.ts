/** The AsyncAPI 3.0 document of the topics, as text. It is made only from the catalogue and its schemas. */
import { stringify } from 'yaml';
import { schemaText } from '../avro/avro-types.ts';
import {
  avroTopicIds,
  topics,
  writersOf,
  type AvroTopicId,
  type StepsWriting,
  type TopicEntry,
} from '../catalogue.ts';
import { eventType } from '../headers.ts';

const avroFormat = 'application/vnd.apache.avro;version=1.9.0';

export function asyncApi(stepsWriting: StepsWriting): string {
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'Castwatch topics',
      version: '1.0.0',
      description:
        'Values are Avro in the Confluent wire format (a zero byte, the schema id in 4 bytes, the Avro bytes); subjects are `<topic>-value` under BACKWARD compatibility. Keys are UTF-8 text, partitioned by murmur2.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/avro',
    servers: {
      kafka: {
        host: '{brokers}',
        protocol: 'kafka',
        description: 'KAFKA_BROKERS; schemas at SCHEMA_REGISTRY_URL.',
        variables: { brokers: { default: '127.0.0.1:9092' } },
        bindings: { kafka: { schemaRegistryVendor: 'confluent', bindingVersion: '0.5.0' } },
      },
    },
    channels: Object.fromEntries(avroTopicIds.map((id) => [id, channel(id)])),
    operations: Object.fromEntries(avroTopicIds.flatMap((id) => operations(id, stepsWriting))),
    components: {
      messages: Object.fromEntries(avroTopicIds.map((id) => [id, message(id)])),
      messageTraits: { record: { headers: headerSchema } },
    },
  };
  return `# Generated from schemas/ by \`npm run generate\`. Do not edit.\n${stringify(document, { lineWidth: 110, aliasDuplicateObjects: false })}`;
}

const headerSchema = {
  type: 'object',
  properties: {
    traceparent: {
      type: 'string',
      description:
        'W3C trace context, on records that are traced; copied from a record to the records derived from it.',
      pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
    },
    ce_specversion: { type: 'string', const: '1.0' },
    ce_type: { type: 'string', description: 'CloudEvents type: `castwatch.` and the topic.' },
    ce_source: { type: 'string', description: 'Who wrote the record, such as /castwatch/validate.' },
    ce_id: {
      type: 'string',
      description:
        'On records from sources: unique with ce_source, and the same when the event is sent again. A record without it is identified by topic, partition and offset.',
    },
    ce_time: {
      type: 'string',
      format: 'date-time',
      description:
        'When a source published the record; copied to the records derived from it, so that latency can be measured. The event time is in the value.',
    },
    'content-type': { type: 'string', const: 'application/avro' },
  },
};

function channel(id: AvroTopicId): object {
  const { name, description, cleanup, retentionGiB }: TopicEntry = topics[id];
  return {
    address: name,
    title: name,
    description,
    messages: { [id]: { $ref: `#/components/messages/${id}` } },
    bindings: {
      kafka: {
        topic: name,
        topicConfiguration: {
          'cleanup.policy': [cleanup],
          ...(retentionGiB === null
            ? {}
            : { 'retention.ms': -1, 'retention.bytes': retentionGiB * 1024 ** 3 }),
        },
        bindingVersion: '0.5.0',
      },
    },
  };
}

/** Operations from this application's side: it receives what others may write, and sends what it writes itself. */
function operations(id: AvroTopicId, stepsWriting: StepsWriting): readonly (readonly [string, object])[] {
  const { name } = topics[id];
  const owner = writersOf(id, stepsWriting);
  const action = external.has(owner) ? 'receive' : 'send';
  return [
    [
      `${action}${id[0]?.toUpperCase() ?? ''}${id.slice(1)}`,
      {
        action,
        summary: `${name}, written by ${owner}.`,
        channel: { $ref: `#/channels/${id}` },
        messages: [{ $ref: `#/channels/${id}/messages/${id}` }],
      },
    ],
  ];
}

const keys = {
  asset: 'The asset: enterprise/site/area/line/cell.',
  process: "The process definition's id.",
  role: 'Process and role: casting/CHAMPION. The process alone decides on the partition.',
} as const satisfies Partial<Record<TopicEntry['key'], string>>;

/** Owners outside this program. */
const external: ReadonlySet<string> = new Set(['any producer', 'the MES', 'Quality Management']);

function message(id: AvroTopicId): object {
  const schema = JSON.parse(schemaText(id)) as { readonly name: string; readonly doc?: string };
  return {
    name: eventType(id),
    title: schema.name,
    ...(schema.doc === undefined ? {} : { summary: schema.doc }),
    contentType: 'application/avro',
    traits: [{ $ref: '#/components/messageTraits/record' }],
    payload: { schemaFormat: avroFormat, schema },
    bindings: {
      kafka: {
        key: { type: 'string', description: keys[topics[id].key] },
        schemaIdLocation: 'payload',
        schemaIdPayloadEncoding: 'confluent',
        schemaLookupStrategy: 'TopicIdStrategy',
        bindingVersion: '0.5.0',
      },
    },
  };
}
