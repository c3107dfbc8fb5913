/**
 * Understands the schemas of other writers as Avro 1.12 does, where avsc is stricter or looks away:
 *
 * - Names match without their namespace.
 * - A writer's defaults and aliases are not needed to read its data, so they are not looked at. avsc does not parse all that
 *   Java takes (a default of any branch of a union, "NaN").
 * - A branch of a union, or a symbol of an enum, that we cannot read costs the record that has it, not all of the writer's.
 * - Times are converted by the writer's logical type. avsc reads each of them as ms.
 */
import avsc from 'avsc';
import { messageOf } from '../../base/text.ts';
import { parseSchema, type SchemaHook } from './avro-types.ts';
import { isTimeOfWriter, timeOfWriter } from './writer-times.ts';

/** The schema of a writer. */
export interface WriterType {
  readonly type: avsc.Type;
  /** Whether some of its values are converted when they are read. */
  readonly converts: boolean;
}

/** @throws when the text is not an Avro schema */
export function parseWriter(text: string): WriterType {
  let converts = false;
  const hook: SchemaHook = (schema) => {
    const time = timeOfWriter(schema);
    converts ||= time !== undefined;
    return time;
  };
  return { type: parseSchema(withoutDefaults(text), hook), converts };
}

const unneeded = new Set(['default', 'aliases', 'order']);

/** Leaves out what a reader of the writer's data does not need. Names of fields are values, so none is touched. */
function withoutDefaults(text: string): string {
  return JSON.stringify(
    JSON.parse(text, (_key, value: unknown) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      return Object.fromEntries(Object.entries(value).filter(([name]) => !unneeded.has(name)));
    }),
  );
}

export type Resolver = ReturnType<avsc.Type['createResolver']>;

/** avsc passes the options on to the resolvers of the parts. */
interface Options {
  readonly ignoreNamespaces?: boolean;
  /** Set for the schemas of other writers. The check of our own new schemas stays strict. */
  readonly foreign?: boolean;
}

/** @throws when no record of the writer can be read */
export function resolverFor(reader: avsc.Type, writer: avsc.Type): Resolver {
  return createResolver.call(reader, writer, { ignoreNamespaces: true, foreign: true });
}

interface Reads {
  _read(tap: unknown): unknown;
}

type CreateResolver = (this: avsc.Type, writer: avsc.Type, options?: Options) => Resolver & Reads;
const prototype = avsc.Type.prototype as unknown as { createResolver: CreateResolver };
const strict = prototype.createResolver;

/** Replaces avsc's own, which refuses a writer for one branch of a union. */
const createResolver: CreateResolver = function (writer, options) {
  if (options?.foreign !== true || !isUnion(writer)) return strict.call(this, writer, options);
  const branches = writer.types.map((branch) => branchReader(this, branch, options));
  const failures = branches.flatMap((branch) => ('failure' in branch ? [branch.failure] : []));
  const [first] = failures;
  if (first !== undefined && failures.length === branches.length) throw first;
  const read = (tap: { readLong(): number }): unknown => {
    const index = tap.readLong();
    const branch = branches[index];
    if (branch === undefined) throw new Error(`invalid union index: ${index}`);
    if ('failure' in branch) throw branch.failure;
    return branch.resolver._read(tap);
  };
  // A resolver of this type, as avsc makes them; they are frozen.
  const frozen = strict.call(this, this);
  return Object.create(frozen, { _read: { value: read } }) as typeof frozen;
};
prototype.createResolver = createResolver;

type Branch = { readonly resolver: Resolver & Reads } | { readonly failure: Error };

function branchReader(reader: avsc.Type, writer: avsc.Type, options: Options): Branch {
  try {
    return { resolver: createResolver.call(reader, writer, options) };
  } catch (cause) {
    return { failure: new Error(messageOf(cause), { cause }) };
  }
}

const isUnion = (type: avsc.Type): type is avsc.Type & { readonly types: readonly avsc.Type[] } =>
  type.typeName.startsWith('union:');

/** A resolver under construction. */
interface Draft {
  _read?: unknown;
  symbols?: readonly (string | undefined)[];
}

interface EnumLike extends Reads {
  readonly symbols: readonly string[];
  readonly default: string | undefined;
}

type Update = (this: unknown, draft: Draft, writer: avsc.Type, options: Options) => void;
const enums = avsc.types.EnumType.prototype as unknown as { _update: Update };
const strictEnum = enums._update;
/** A symbol that we do not have is read as undefined, which avsc reports for the one record. */
enums._update = function (this: EnumLike, draft, writer, options) {
  strictEnum.call(this, draft, writer, options);
  const isRead = typeof draft._read === 'function';
  if (isRead || options.foreign !== true || writer.typeName !== 'enum') return;
  const foreign = writer as unknown as EnumLike;
  const { symbols } = foreign;
  if (!symbols.some((symbol) => this.symbols.includes(symbol))) return;
  draft.symbols = symbols.map((symbol) => (this.symbols.includes(symbol) ? symbol : this.default));
  draft._read = Reflect.get(foreign, '_read');
} as Update;

const longs = avsc.types.LongType.prototype as unknown as { _update: Update };
const strictLong = longs._update;
/** avsc reads every long with our own type. */
longs._update = function (draft, writer, options) {
  if (isTimeOfWriter(writer)) writer.readInto(draft);
  else strictLong.call(this, draft, writer, options);
};
