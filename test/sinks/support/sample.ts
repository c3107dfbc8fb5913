/** A record made from the schema of its topic: for topics whose records need nothing special. */
import assert from 'node:assert/strict';
import { avroType, schemaText } from '../../../schemas/avro/avro-types.ts';
import type { AvroTopicId } from '../../../schemas/catalogue.ts';
import type { ValueOf } from '../../../schemas/values.ts';

/** What an Avro schema may be, as far as ours use it. */
type Schema =
  | string
  | readonly Schema[]
  | {
      readonly type: Schema;
      readonly name?: string;
      readonly logicalType?: string;
      readonly fields?: readonly { readonly name: string; readonly type: Schema }[];
      readonly symbols?: readonly string[];
      readonly items?: Schema;
      readonly values?: Schema;
    };

/** The same for the same number. Every fourth value of an optional field is null. @param time of all times, ms since the epoch */
export function sampleOf<T extends AvroTopicId>(
  topic: T,
  n: number,
  time: number,
  key: { readonly asset: string; readonly process: string },
): ValueOf<T> {
  const named = new Map<string, Schema>();

  function make(schema: Schema, field: string): unknown {
    if (field === 'asset' || field === 'process') return key[field];
    if (typeof schema === 'string') return simple(schema, field);
    if ('map' in schema) {
      const branches = schema.filter((branch) => branch !== 'null');
      return n % 4 === 3 && branches.length < schema.length ? null : make(branches[0] ?? 'null', field);
    }
    if (schema.name !== undefined) named.set(schema.name, schema);
    if (schema.logicalType === 'timestamp-millis') return time;
    if (schema.fields !== undefined)
      return Object.fromEntries(schema.fields.map(({ name, type }) => [name, make(type, name)]));
    if (schema.symbols !== undefined) return schema.symbols[n % schema.symbols.length];
    if (schema.items !== undefined) return [make(schema.items, 'item')];
    if (schema.values !== undefined) return { one: make(schema.values, 'one') };
    return make(schema.type, field);
  }

  function simple(type: string, field: string): unknown {
    const known = named.get(type);
    if (known !== undefined) return make(known, field);
    if (type === 'string') return `${field} ${n}`;
    if (type === 'boolean') return n % 2 === 0;
    if (type === 'bytes') return Buffer.alloc(4, n);
    if (type === 'double' || type === 'float') return n + 0.5;
    return type === 'null' ? null : n;
  }

  const sample = make(JSON.parse(schemaText(topic)) as Schema, topic);
  assert.ok(avroType(topic).isValid(sample), `${topic}: the sample is not in its schema`);
  // The schema, which it is in, is what makes it a ValueOf<T>.
  return sample as ValueOf<T>;
}
