/** BACKWARD compatibility (Avro specification, "Schema Resolution"): the new reader reads the old data. */
import { messageOf } from '../../base/text.ts';
import './guards.ts';
import type avsc from 'avsc';

/** Returns when the reader can read the writer's data. @throws when it cannot */
export type Resolve = (reader: avsc.Type, writer: avsc.Type) => unknown;

/** For our own schemas: each record of the writer must be readable. */
const strictly: Resolve = (reader, writer) => reader.createResolver(writer);

/** Lists why `reader` cannot read data written with `writer`: one sentence per field. Empty when it can. */
export function incompatibilities(
  reader: avsc.Type,
  writer: avsc.Type,
  resolve: Resolve = strictly,
  path = '',
): readonly string[] {
  if (isRecord(reader) && isRecord(writer)) return recordIncompatibilities(reader, writer, resolve, path);
  if (isArray(reader) && isArray(writer))
    return incompatibilities(reader.itemsType, writer.itemsType, resolve, `${path}[]`);
  if (isMap(reader) && isMap(writer))
    return incompatibilities(reader.valuesType, writer.valuesType, resolve, `${path}{}`);
  try {
    resolve(reader, writer);
    return [];
  } catch (cause) {
    const rule = firstLine(messageOf(cause));
    return [
      `${path === '' ? 'the whole value' : path}: ${nameOf(writer)} cannot be read as ${nameOf(reader)} (${rule})`,
    ];
  }
}

function recordIncompatibilities(
  reader: RecordType,
  writer: RecordType,
  resolve: Resolve,
  path: string,
): readonly string[] {
  const found = reader.fields.flatMap((field) => {
    const place = path === '' ? field.name : `${path}.${field.name}`;
    const old = writer.fields.find(({ name }) => name === field.name || field.aliases.includes(name));
    if (old !== undefined) return incompatibilities(field.type, old.type, resolve, place);
    // avsc does not expose whether a field has a default; without one, the value is undefined.
    return field.defaultValue() === undefined
      ? [`${place}: is new and has no default, so older records cannot be read`]
      : [];
  });
  if (found.length > 0) return found;
  try {
    resolve(reader, writer);
    return [];
  } catch (cause) {
    return [`${path === '' ? 'the record' : path}: ${firstLine(messageOf(cause))}`];
  }
}

type RecordType = avsc.types.RecordType;
const isRecord = (type: avsc.Type): type is RecordType => type.typeName === 'record';
const isArray = (type: avsc.Type): type is avsc.Type & { readonly itemsType: avsc.Type } =>
  type.typeName === 'array';
const isMap = (type: avsc.Type): type is avsc.Type & { readonly valuesType: avsc.Type } =>
  type.typeName === 'map';
const nameOf = (type: avsc.Type): string => type.name ?? type.typeName;
const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text;
