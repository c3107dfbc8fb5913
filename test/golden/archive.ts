/**
 * The file format of golden data: one brotli-compressed file per plant. It starts with a length and a JSON index; the
 * values of all records follow, one behind the other. Records are stored in columns, which compresses well.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

export interface GoldenRecord {
  readonly partition: number;
  readonly key: string | null;
  readonly value: Buffer | null;
  /** The Kafka record's timestamp, ms since the epoch. */
  readonly timestamp: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Records by slice of time; within a slice each partition's records are in the order of their offsets. */
export type Slices = readonly (readonly GoldenRecord[])[];

/** A compacted changelog: the last value by partition and record key, which are separated by a space. */
export type Changelog = ReadonlyMap<string, Buffer>;

export interface Golden {
  /** The process definition as YAML. */
  readonly definition: string;
  /** By topic name: the id in each record's first bytes, and the Avro schema with this id. */
  readonly schemas: Readonly<Record<string, { readonly id: number; readonly text: string }>>;
  /** By topic name. */
  readonly topics: Readonly<Record<string, Slices>>;
  /** By step: the state when half of the slices were processed, and at the end. */
  readonly changelogs: Readonly<Record<string, { readonly half: Changelog; readonly end: Changelog }>>;
}

interface Columns {
  readonly partitions: readonly number[];
  readonly keys: readonly (string | null)[];
  readonly timestamps: readonly number[];
  /** Number of bytes of each value; −1 for null. */
  readonly lengths: readonly number[];
  readonly headers: readonly Readonly<Record<string, string>>[];
}

interface Parts {
  readonly keys: readonly string[];
  readonly lengths: readonly number[];
}

interface Index {
  readonly definition: string;
  readonly schemas: Golden['schemas'];
  readonly topics: Readonly<Record<string, readonly Columns[]>>;
  readonly changelogs: Readonly<Record<string, { readonly half: Parts; readonly end: Parts }>>;
}

export function writeGolden(file: string, { definition, schemas, topics, changelogs }: Golden): void {
  const values: Buffer[] = [];
  const length = (value: Buffer | null): number => {
    if (value !== null) values.push(value);
    return value?.length ?? -1;
  };
  const columns = (records: readonly GoldenRecord[]): Columns => ({
    partitions: records.map(({ partition }) => partition),
    keys: records.map(({ key }) => key),
    timestamps: records.map(({ timestamp }) => timestamp),
    lengths: records.map(({ value }) => length(value)),
    headers: records.map(({ headers }) => headers),
  });
  const parts = (changelog: Changelog): Parts => ({
    keys: [...changelog.keys()],
    lengths: [...changelog.values()].map(length),
  });
  const index: Index = {
    definition,
    schemas,
    topics: mapValues(topics, (slices) => slices.map(columns)),
    changelogs: mapValues(changelogs, ({ half, end }) => ({ half: parts(half), end: parts(end) })),
  };
  const json = Buffer.from(JSON.stringify(index));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(json.length);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  };
  writeFileSync(file, brotliCompressSync(Buffer.concat([size, json, ...values]), { params }));
}

export function readGolden(file: string): Golden {
  const bytes = brotliDecompressSync(readFileSync(file));
  const start = 4 + bytes.readUInt32LE();
  const index = JSON.parse(bytes.toString('utf8', 4, start)) as Index;
  let at = start;
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));
  const records = ({ partitions, keys, timestamps, lengths, headers }: Columns): GoldenRecord[] =>
    lengths.map((length, nth) => ({
      partition: partitions[nth] ?? 0,
      key: keys[nth] ?? null,
      value: length < 0 ? null : take(length),
      timestamp: timestamps[nth] ?? 0,
      headers: headers[nth] ?? {},
    }));
  const changelog = ({ keys, lengths }: Parts): Changelog =>
    new Map(keys.map((key, nth) => [key, take(lengths[nth] ?? 0)]));
  return {
    definition: index.definition,
    schemas: index.schemas,
    topics: mapValues(index.topics, (slices) => slices.map(records)),
    changelogs: mapValues(index.changelogs, ({ half, end }) => ({
      half: changelog(half),
      end: changelog(end),
    })),
  };
}

const mapValues = <A, B>(object: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
