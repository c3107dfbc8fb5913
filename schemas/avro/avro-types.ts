/** Our own Avro schemas, as text and as avsc types, read once from `topics/`. */
import './guards.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import avsc from 'avsc';
import { topics, type AvroTopicId } from '../catalogue.ts';
import { repeatedString } from './repeated-strings.ts';

const folder = join(import.meta.dirname, '../topics');
const texts = new Map<AvroTopicId, string>();
const types = new Map<AvroTopicId, avsc.Type>();

/** Returns the schema as registered: the file's content without white space. */
export function schemaText(topic: AvroTopicId): string {
  let text = texts.get(topic);
  if (text === undefined) {
    const json: unknown = JSON.parse(readFileSync(join(folder, topics[topic].schema), 'utf8'));
    text = JSON.stringify(json);
    texts.set(topic, text);
  }
  return text;
}

export function avroType(topic: AvroTopicId): avsc.Type {
  let type = types.get(topic);
  if (type === undefined) {
    type = parseSchema(schemaText(topic));
    readAsPlainObjects(type);
    types.set(topic, type);
  }
  return type;
}

/**
 * avsc creates a class instance per record. We need plain data: with `Object`'s own prototype, decoded objects equal
 * the encoded ones in every comparison.
 */
function readAsPlainObjects(type: avsc.Type): void {
  if (hasFields(type)) {
    type.recordConstructor.prototype = Object.prototype;
    for (const field of type.fields) readAsPlainObjects(field.type);
  }
  if (hasItems(type)) readAsPlainObjects(type.itemsType);
  if (hasBranches(type)) for (const branch of type.types) readAsPlainObjects(branch);
}

interface RecordType extends avsc.Type {
  readonly fields: readonly { readonly type: avsc.Type }[];
  readonly recordConstructor: { prototype: object };
}

const hasFields = (type: avsc.Type): type is RecordType => type.typeName === 'record';
const hasItems = (type: avsc.Type): type is avsc.Type & { readonly itemsType: avsc.Type } =>
  type.typeName === 'array';
const hasBranches = (type: avsc.Type): type is avsc.Type & { readonly types: readonly avsc.Type[] } =>
  type.typeName === 'union:unwrapped';

/** Returns the type of a part of a schema; undefined where avsc shall make it. */
export type SchemaHook = (schema: unknown) => avsc.Type | undefined;

/**
 * @param hook asked for each part of the schema
 * @throws when the text is not an Avro schema
 */
export function parseSchema(text: string, hook: SchemaHook = () => undefined): avsc.Type {
  return avsc.Type.forSchema(JSON.parse(text, markRepeats) as avsc.Schema, {
    wrapUnions: 'auto',
    omitRecordMethods: true,
    typeHook: (schema) => (isMarked(schema) ? repeatedString() : hook(schema)),
  });
}

/** Fields with names of which a plant has only few. */
const namingFields = new Set(['tag', 'name', 'feature', 'source']);
const marked = { type: 'string', repeats: true };

function markRepeats(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (!('name' in value && 'type' in value) || value.type !== 'string') return value;
  return namingFields.has(String(value.name)) ? { ...value, type: marked } : value;
}

const isMarked = (schema: unknown): boolean =>
  typeof schema === 'object' && schema !== null && 'repeats' in schema;
