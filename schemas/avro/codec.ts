/**
 * Values in Confluent's wire format: a zero byte, the schema id (4 bytes, big-endian), Avro.
 *
 * Decoding is on the hot path. It makes one resolver per schema id, once. It awaits nothing and allocates nothing but the
 * value. On bytes that it cannot decode, it throws an `Error` that says why.
 */
import type avsc from 'avsc';
import { messageOf } from '../../base/text.ts';
import type { Codec } from '../../stream/index.ts';
import { CastwatchError } from '../../base/errors.ts';
import { resolverFor, type WriterType } from './foreign-writers.ts';
import { incompatibilities } from './compatibility.ts';
import type { WriterSchemas } from './writer-schemas.ts';

export const framing = 5;

/** How to read one writer's records. `resolver` is undefined when the writer's schema is the same as ours. */
type Reader =
  | { readonly kind: 'readable'; readonly resolver: ReturnType<avsc.Type['createResolver']> | undefined }
  | { readonly kind: 'unreadable'; readonly reason: string };

export interface CodecOptions {
  /** Name of the topic, for messages. */
  readonly name: string;
  readonly type: avsc.Type;
  readonly writers: WriterSchemas;
  /** The schema id to write with; undefined until the schema registry has assigned one. */
  readonly ownId: () => number | undefined;
  /** Applied to each decoded value. @throws when the record must not be taken */
  readonly settle?: ((value: unknown) => unknown) | undefined;
}

/** Buffer for values whose length is not known yet. It is shared, because encoding is synchronous. */
let scratch = Buffer.allocUnsafeSlow(64 * 1024);
const largestScratch = 1024 * 1024;

export class AvroCodec<T> implements Codec<T> {
  readonly #options: CodecOptions;
  readonly #readers = new Map<number, Reader>();
  #lastId = -1;
  #lastResolver: ReturnType<avsc.Type['createResolver']> | undefined;
  #lastPrepared = -1;

  constructor(options: CodecOptions) {
    this.#options = options;
  }

  encode(value: T): Buffer {
    const { name, ownId } = this.#options;
    const id = ownId();
    if (id === undefined)
      throw new CastwatchError('BUG', `${name}: encode was called before serde.ready() has resolved`);
    const length = this.#write(value);
    const bytes = Buffer.allocUnsafe(length);
    scratch.copy(bytes, 0, 0, length);
    bytes[0] = 0;
    bytes.writeUInt32BE(id, 1);
    if (scratch.length > largestScratch) scratch = Buffer.allocUnsafeSlow(64 * 1024);
    return bytes;
  }

  decode(bytes: Buffer): T {
    const id = schemaId(bytes);
    if (id !== this.#lastId) {
      this.#lastResolver = this.#resolver(id);
      this.#lastId = id;
    }
    const value = this.#read(bytes, id);
    return this.#options.settle === undefined ? value : this.#settle(value, this.#options.settle);
  }

  prepare(batch: readonly Buffer[]): Promise<void> | undefined {
    const { writers } = this.#options;
    let unknown: Set<number> | undefined;
    for (const bytes of batch) {
      if (bytes.length < framing || bytes[0] !== 0) continue;
      const id = bytes.readUInt32BE(1);
      if (id === this.#lastPrepared) continue;
      if (writers.has(id)) this.#lastPrepared = writers.get(id)?.kind === 'missing' ? -1 : id;
      else (unknown ??= new Set()).add(id);
    }
    return unknown === undefined ? undefined : writers.fetch(unknown);
  }

  #write(value: T): number {
    const { name, type } = this.#options;
    try {
      let end = type.encode(value, scratch, framing);
      if (end < 0) {
        // avsc returns the number of bytes by which the buffer is too short.
        scratch = Buffer.allocUnsafeSlow(scratch.length - end);
        end = type.encode(value, scratch, framing);
      }
      return end;
    } catch (cause) {
      const why = messageOf(cause);
      throw new CastwatchError(
        'BUG',
        `${name}: not a ${type.name ?? type.typeName}: ${faults(type, value) || why}`,
        { cause },
      );
    }
  }

  #read(bytes: Buffer, id: number): T {
    const { name, type } = this.#options;
    let decoded: { readonly value: unknown; readonly offset: number };
    try {
      decoded = type.decode(bytes, framing, this.#lastResolver);
    } catch (cause) {
      const why = messageOf(cause);
      throw new Error(`${name}: the Avro value (schema id ${id}) is not readable: ${why}`, { cause });
    }
    if (decoded.offset < 0)
      throw new Error(`${name}: the Avro value (schema id ${id}) ends too early, at byte ${bytes.length}`);
    if (decoded.offset < bytes.length) {
      throw new Error(
        `${name}: ${bytes.length - decoded.offset} bytes too many after the Avro value (schema id ${id})`,
      );
    }
    return decoded.value as T;
  }

  #settle(value: T, settle: (value: unknown) => unknown): T {
    try {
      return settle(value) as T;
    } catch (cause) {
      throw new Error(`${this.#options.name}: ${messageOf(cause)}`, { cause });
    }
  }

  #resolver(id: number): ReturnType<avsc.Type['createResolver']> | undefined {
    const { name, writers } = this.#options;
    let reader = this.#readers.get(id);
    if (reader === undefined) {
      const writer = writers.get(id);
      if (writer === undefined) throw new Error(`${name}: schema id ${id} was not looked up before decoding`);
      if (writer.kind === 'missing')
        throw new Error(
          `${name}: schema id ${id} is not in the registry; the producer of this record has to register it`,
        );
      reader = writer.kind === 'unreadable' ? writer : this.#readerOf(writer);
      this.#readers.set(id, reader);
    }
    if (reader.kind === 'readable') return reader.resolver;
    throw new Error(
      `${name}: schema id ${id} cannot be read as ${this.#options.type.name ?? 'ours'}: ${reader.reason}`,
    );
  }

  #readerOf({ type: writer, converts }: WriterType): Reader {
    const { type } = this.#options;
    // Canonically equal schemas have the same bytes, whatever their docs and defaults are. Logical types are not looked at.
    if (writer === type || (!converts && writer.equals(type)))
      return { kind: 'readable', resolver: undefined };
    try {
      return { kind: 'readable', resolver: resolverFor(type, writer) };
    } catch (cause) {
      const rules = incompatibilities(type, writer, resolverFor);
      return { kind: 'unreadable', reason: rules.length > 0 ? rules.join('; ') : String(cause) };
    }
  }
}

/** @throws when the bytes do not begin with a schema id */
function schemaId(bytes: Buffer): number {
  if (bytes.length < framing) {
    throw new Error(
      bytes.length === 0
        ? 'the record has no value (a tombstone)'
        : `only ${bytes.length} bytes, too short for a schema id`,
    );
  }
  if (bytes[0] !== 0)
    throw new Error(
      `begins with byte ${bytes[0] ?? 0}, not with 0: no schema id, so not written through the registry`,
    );
  return bytes.readUInt32BE(1);
}

/** Lists the fields of the value that do not match the schema. */
function faults(type: avsc.Type, value: unknown): string {
  const found: string[] = [];
  type.isValid(value, {
    errorHook: (path, wrong, expected) => {
      found.push(`${path.join('.')}: ${String(wrong)} is not ${expected.name ?? expected.typeName}`);
    },
  });
  return found.slice(0, 5).join('; ');
}
