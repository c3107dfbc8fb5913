/** Placeholders for invalid values, so that the rest of a definition can be checked. */
import { z } from 'zod';
import type { DocumentPath } from './definition-problem.ts';
import { processDefinition } from './schema.ts';

type Schema = z.core.$ZodType;

/** The first that fits is taken: nothing, then values that cause no contradictions, then any value of the right shape. */
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

/** Returns an empty map if no candidate fits. Its missing parts get placeholders in the next pass. */
export function standIn(tree: unknown, path: DocumentPath): unknown {
  const schema = schemaAt(tree, path);
  if (schema === undefined) return undefined;
  const found = candidates.findIndex((each) => z.core.safeParse(schema, each).success);
  if (found !== -1) return structuredClone(candidates[found]);
  return layers(schema).some((each) => each instanceof z.ZodArray) ? [{}] : {};
}

/** The keys that a map at this path may have. */
export function knownKeys(tree: unknown, path: DocumentPath): readonly string[] {
  const schema = schemaAt(tree, path);
  return (schema === undefined ? [] : layers(schema)).flatMap((each) =>
    each instanceof z.ZodObject ? Object.keys(each.shape) : [],
  );
}

function schemaAt(tree: unknown, path: DocumentPath): Schema | undefined {
  let schema: Schema | undefined = processDefinition;
  let value = tree;
  for (const part of path) {
    if (schema === undefined) return undefined;
    schema = layers(schema).flatMap((each) => partOf(each, part, value) ?? [])[0];
    value = child(value, part);
  }
  return schema;
}

/** The schema without optional and default wrappers; for a choice, all its shapes. */
function layers(schema: Schema): Schema[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return layers(schema.def.innerType);
  if (schema instanceof z.ZodUnion) return schema.def.options.flatMap(layers);
  return [schema];
}

function partOf(schema: Schema, part: string | number, value: unknown): Schema | undefined {
  if (schema instanceof z.ZodObject) {
    const shape: Readonly<Record<string, Schema>> = schema.shape;
    // shapes that differ by a literal field: only the one whose literal the document has
    const literal = Object.entries(shape).find(([, each]) => each instanceof z.ZodLiteral);
    if (literal !== undefined && !z.core.safeParse(literal[1], child(value, literal[0])).success)
      return undefined;
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

export const valueAt = (tree: unknown, path: DocumentPath): unknown => path.reduce(child, tree);

/** Sets the value at the path; undefined removes it. */
export function put(tree: unknown, path: DocumentPath, value: unknown): void {
  const last = path.at(-1);
  const parent = valueAt(tree, path.slice(0, -1));
  if (last === undefined || !isContainer(parent)) return;
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
}

/** Renames the key to the one that was meant; removes it if that is unknown. */
export function rename(tree: unknown, at: DocumentPath, key: string, meant: string | undefined): void {
  const value = valueAt(tree, [...at, key]);
  put(tree, [...at, key], undefined);
  if (meant !== undefined) put(tree, [...at, meant], value);
}
