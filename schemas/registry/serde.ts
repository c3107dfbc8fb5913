/** Codecs for all Avro topics, with schema ids of a schema registry or without one. */
import type { Codec } from '../../stream/index.ts';
import type { Logger } from '../../telemetry/log.ts';
import { avroType } from '../avro/avro-types.ts';
import { avroTopicIds, topicNames, type AvroTopicId } from '../catalogue.ts';
import { AvroCodec } from '../avro/codec.ts';
import { textsOf } from '../avro/outside-texts.ts';
import { createRegistryClient } from './client.ts';
import { registerSchemas } from './register.ts';
import type { ValueOf } from '../values.ts';
import { WriterSchemas, type FetchSchema } from '../avro/writer-schemas.ts';

export interface Serde {
  codec<T extends AvroTopicId>(topic: T): Codec<ValueOf<T>>;
  /**
   * Registers or finds our schemas, so that `encode` knows their ids. Decoding does not need it.
   * @throws CastwatchError REGISTRY_UNAVAILABLE (may be retried) or SCHEMA_INCOMPATIBLE
   */
  ready(): Promise<void>;
}

export interface SerdeOptions {
  readonly registryUrl: string;
  /** Prefix of the topics' names, and so of the subjects. */
  readonly prefix?: string | undefined;
  readonly log?: Logger | undefined;
  /** Looks up an unknown schema id; by default in the schema registry. */
  readonly fetchSchema?: FetchSchema | undefined;
  /** Called with the number of texts of one record whose padding was cut, see `base/outside-text.ts`. */
  readonly onPadded?: ((texts: number) => void) | undefined;
}

export function createSerde(options: SerdeOptions): Serde {
  const { registryUrl, prefix = '', log, fetchSchema, onPadded } = options;
  const registry = createRegistryClient({ url: registryUrl });
  const writers = new WriterSchemas(fetchSchema ?? ((id) => registry.schemaById(id)));
  const ids = new Map<AvroTopicId, number>();
  return {
    codec: codecs(prefix, writers, ids, onPadded),
    async ready() {
      for (const { topic, id } of await registerSchemas(registry, { prefix })) {
        ids.set(topic, id);
        writers.set(id, avroType(topic));
      }
      log?.debug({ schemas: Object.fromEntries(ids) }, 'schemas registered');
    },
  };
}

/** For tests and for runs without a schema registry: the same bytes, with ids in the catalogue's order, from 1. */
export function serdeWithoutRegistry(onPadded?: (texts: number) => void): Serde {
  const writers = new WriterSchemas(() => Promise.resolve(undefined));
  const ids = new Map(avroTopicIds.map((topic, index) => [topic, index + 1]));
  for (const [topic, id] of ids) writers.set(id, avroType(topic));
  return { codec: codecs('', writers, ids, onPadded), ready: () => Promise.resolve() };
}

function codecs(
  prefix: string,
  writers: WriterSchemas,
  ids: ReadonlyMap<AvroTopicId, number>,
  onPadded: (texts: number) => void = () => undefined,
): Serde['codec'] {
  const names = topicNames(prefix);
  const made = new Map<AvroTopicId, AvroCodec<unknown>>();
  return <T extends AvroTopicId>(topic: T): Codec<ValueOf<T>> => {
    let codec = made.get(topic);
    if (codec === undefined) {
      const settle = textsOf(topic);
      codec = new AvroCodec({
        name: names[topic],
        type: avroType(topic),
        writers,
        ownId: () => ids.get(topic),
        settle: settle && ((value) => settle(value, onPadded)),
      });
      made.set(topic, codec);
    }
    // The schema in the catalogue guarantees that its values are a ValueOf<T>.
    return codec as Codec<unknown> as Codec<ValueOf<T>>;
  };
}
