/** Values that stand in for broken ones, so that the rest of a definition can be checked. */
import { z } from 'zod';
import type { Path } from './problem.ts';
import { processDefinition } from './schema.ts';

type Schema = z.core.$ZodType;

/** From nothing over what contradicts nothing to whatever has the shape; the first that fits is taken. */
const candidates: readonly unknown[] = [
  undefined,
  [-Number.MAX_VALUE, Number.MAX_VALUE],
  'any',
  '*',
  '0s',
  1,
  8,
  true,
  'x',
  ['x'],
  ['x', 'x'],
  [],
];

/** An empty map where nothing fits: its parts are then missing, and stood in for. */
export function standIn(tree: unknown, path: Path): unknown {
  const schema = schemaAt(tree, path);
  if (schema === undefined) return undefined;
  const found = candidates.findIndex((each) => z.core.safeParse(schema, each).success);
  if (found !== -1) return structuredClone(candidates[found]);
  return layers(schema).some((each) => each instanceof z.ZodArray) ? [{}] : {};
}

/** What a map there may have. */
export function knownKeys(tree: unknown, path: Path): readonly string[] {
  const schema = schemaAt(tree, path);
  return (schema === undefined ? [] : layers(schema)).flatMap((each) =>
    each instanceof z.ZodObject ? Object.keys(each.shape) : [],
  );
}

function schemaAt(tree: unknown, path: Path): Schema | undefined {
  let schema: Schema | undefined = processDefinition;
  let value = tree;
  for (const part of path) {
    if (schema === undefined) return undefined;
    schema = layers(schema).flatMap((each) => partOf(each, part, value) ?? [])[0];
    value = child(value, part);
  }
  return schema;
}

/** The schema without its wrappings; of a choice, all its shapes. */
function layers(schema: Schema): Schema[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return layers(schema.def.innerType);
  if (schema instanceof z.ZodUnion) return schema.def.options.flatMap(layers);
  return [schema];
}

function partOf(schema: Schema, part: string | number, value: unknown): Schema | undefined {
  if (schema instanceof z.ZodObject) {
    const shape: Readonly<Record<string, Schema>> = schema.shape;
    // of shapes that are told apart by a word, the one with this word
    const told = Object.entries(shape).find(([, each]) => each instanceof z.ZodLiteral);
    if (told !== undefined && !z.core.safeParse(told[1], child(value, told[0])).success) return undefined;
    return shape[part];
  }
  if (schema instanceof z.ZodArray) return schema.def.element;
  if (schema instanceof z.ZodTuple) return typeof part === 'number' ? schema.def.items[part] : undefined;
  return schema instanceof z.ZodRecord ? schema.def.valueType : undefined;
}

function child(value: unknown, part: string | number): unknown {
  return isContainer(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

const isContainer = (value: unknown): value is Record<string | number, unknown> =>
  typeof value === 'object' && value !== null;

export const valueAt = (tree: unknown, path: Path): unknown => path.reduce(child, tree);

/** Undefined takes it away. */
export function put(tree: unknown, path: Path, value: unknown): void {
  const last = path.at(-1);
  const parent = valueAt(tree, path.slice(0, -1));
  if (last === undefined || !isContainer(parent)) return;
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
}

/** Takes the key away where it is not known what was meant. */
export function rename(tree: unknown, at: Path, key: string, meant: string | undefined): void {
  const value = valueAt(tree, [...at, key]);
  put(tree, [...at, key], undefined);
  if (meant !== undefined) put(tree, [...at, meant], value);
}
