/** TypeScript types from the Avro schemas, as text. */
import type avsc from 'avsc';

type AvroSchema = avsc.Schema;

interface NamedField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly doc?: string;
}

/**
 * Returns one `.ts` text for all schemas, by topic. Equal named types (an enum in two files) are written once.
 * `TopicValues` has the type of each topic's values.
 */
export function generateTypes(schemas: ReadonlyMap<string, AvroSchema>): string {
  const declarations = new Map<string, string>();
  const values = [...schemas].map(([topic, schema]) => `  ${topic}: ${typeOf(schema, declarations)};\n`);
  declarations.set('TopicValues', `export interface TopicValues {\n${values.join('')}}\n`);
  const header =
    '/* Generated from schemas/topics/*.avsc by `npm run generate`. Do not edit. */\n/* eslint-disable */\n';
  return `${header}\n${[...declarations.values()].join('\n')}`;
}

function typeOf(schema: AvroSchema, declarations: Map<string, string>): string {
  if (typeof schema === 'string') return primitive(schema);
  if (Array.isArray(schema))
    return schema.map((branch) => typeOf(branch as AvroSchema, declarations)).join(' | ');
  const complex = schema as { type: string; name?: string; items?: AvroSchema; values?: AvroSchema };
  switch (complex.type) {
    case 'record':
      return declareRecord(schema as unknown as RecordSchema, declarations);
    case 'enum':
      return declareEnum(schema as unknown as EnumSchema, declarations);
    case 'array':
      return `readonly (${typeOf(complex.items ?? 'null', declarations)})[]`;
    case 'map':
      return `Readonly<Record<string, ${typeOf(complex.values ?? 'null', declarations)}>>`;
    default:
      return primitive(complex.type);
  }
}

interface RecordSchema {
  readonly name: string;
  readonly doc?: string;
  readonly fields: readonly NamedField[];
}

interface EnumSchema {
  readonly name: string;
  readonly symbols: readonly string[];
}

function declareRecord(schema: RecordSchema, declarations: Map<string, string>): string {
  const fields = schema.fields.map(
    (field) => `${comment(field.doc, '  ')}  readonly ${field.name}: ${typeOf(field.type, declarations)};\n`,
  );
  return declare(
    schema.name,
    `${comment(schema.doc, '')}export interface ${schema.name} {\n${fields.join('')}}\n`,
    declarations,
  );
}

function declareEnum(schema: EnumSchema, declarations: Map<string, string>): string {
  const symbols = schema.symbols.map((symbol) => `'${symbol}'`).join(' | ');
  return declare(schema.name, `export type ${schema.name} = ${symbols};\n`, declarations);
}

function declare(name: string, text: string, declarations: Map<string, string>): string {
  const known = declarations.get(name);
  if (known !== undefined && known !== text) {
    throw new Error(`schemas/: ${name} is defined in two ways; give one of them another name`);
  }
  declarations.set(name, text);
  return name;
}

const comment = (doc: string | undefined, indent: string): string =>
  doc === undefined ? '' : `${indent}/** ${doc} */\n`;

function primitive(name: string): string {
  switch (name) {
    case 'int':
    case 'long':
    case 'float':
    case 'double':
      return 'number';
    case 'bytes':
      return 'Buffer';
    case 'null':
    case 'boolean':
    case 'string':
      return name;
    default:
      return name.replace(/^.*\./, '');
  }
}
