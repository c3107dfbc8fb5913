/** Registers our schemas under BACKWARD compatibility. A refusal names the field. */
import { CastwatchError } from '../../base/errors.ts';
import { parseSchema, schemaText } from '../avro/avro-types.ts';
import { avroTopicIds, subjectOf, topicNames, type AvroTopicId } from '../catalogue.ts';
import { parseWriter, resolverFor, type WriterType } from '../avro/foreign-writers.ts';
import { incompatibilities } from '../avro/compatibility.ts';
import type { RegistryClient } from './client.ts';

export interface RegisteredSchema {
  readonly topic: AvroTopicId;
  readonly subject: string;
  readonly id: number;
}

/**
 * Registers the schemas of all topics, or of the given ones. Repeating it changes nothing.
 * @throws CastwatchError SCHEMA_INCOMPATIBLE (topic, field and rule) or REGISTRY_UNAVAILABLE
 */
export function registerSchemas(
  registry: RegistryClient,
  options: {
    readonly prefix?: string | undefined;
    readonly topics?: readonly AvroTopicId[] | undefined;
  } = {},
): Promise<readonly RegisteredSchema[]> {
  const { prefix = '', topics = avroTopicIds } = options;
  return Promise.all(topics.map((topic) => registerSchema(registry, topic, schemaText(topic), prefix)));
}

/** @param schema Avro schema as JSON text */
export async function registerSchema(
  registry: RegistryClient,
  topic: AvroTopicId,
  schema: string,
  prefix = '',
): Promise<RegisteredSchema> {
  const subject = subjectOf(topic, prefix);
  const name = topicNames(prefix)[topic];
  // Another program may have registered a later version. Ours stays what it was.
  const known = await registry.find(subject, schema);
  if (known !== undefined) {
    await registry.setCompatibility(subject, 'BACKWARD');
    return { topic, subject, id: known };
  }
  // A subject's rule can be set only once the subject exists; its first version has nothing to be compatible with.
  const before = await registry.latest(subject);
  if (before !== undefined) {
    await registry.setCompatibility(subject, 'BACKWARD');
    const problems = problemsWith(schema, before.schema);
    if (problems.length > 0) throw refused(name, before.version, problems);
  }
  const answer = await registry.register(subject, schema);
  if ('refused' in answer) throw refused(name, before?.version, [answer.refused]);
  if (before === undefined) await registry.setCompatibility(subject, 'BACKWARD');
  return { topic, subject, id: answer.id };
}

/** Why our schema cannot read records of the registered one. Empty, too, when only the registry understands that one. */
function problemsWith(schema: string, before: string): readonly string[] {
  const writer = writerOf(before);
  return writer === undefined ? [] : incompatibilities(parseSchema(schema), writer.type, resolverFor);
}

function writerOf(schema: string): WriterType | undefined {
  try {
    return parseWriter(schema);
  } catch {
    return undefined;
  }
}

const refused = (topic: string, version: number | undefined, problems: readonly string[]): CastwatchError =>
  new CastwatchError(
    'SCHEMA_INCOMPATIBLE',
    `${topic}: the schema is not BACKWARD compatible${version === undefined ? '' : ` with version ${version}`}: ${problems.join('; ')}`,
    {
      remedy: 'Give new fields a default and keep the types of old ones, or start a new topic version (.v2).',
    },
  );
