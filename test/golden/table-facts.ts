/** Facts about the rows of a golden file's records, in a form that does not depend on the order of columns. */
import { createHash } from 'node:crypto';
import { avroTopicIds, type AvroTopicId, storedTopics, type StoredTopic } from '../../schemas/catalogue.ts';
import type { ColumnValue, Row, Table } from '../../sinks/timescale/columns/define-table.ts';
import { tables } from '../../sinks/timescale/tables/tables.ts';
import type { ValueOf } from '../../schemas/values.ts';
import type { Codec } from '../../stream/index.ts';
import type { Golden, GoldenRecord } from './archive.ts';
import { goldenSerde, topics } from './steps.ts';

export interface TableFacts {
  readonly [table: string]: {
    readonly rows: number;
    /** Sorted names. */
    readonly columns: readonly string[];
    /** Names of the primary key's columns, in its order. */
    readonly key: readonly string[];
    /** The first row, for people. */
    readonly first: readonly string[];
    /** SHA-256 of all rows. */
    readonly digest: string;
  };
}

export function tableFacts(golden: Golden): TableFacts {
  const serde = goldenSerde(golden.schemas);
  return Object.fromEntries(
    [...storedTopics].sort(byTable).map((topic) => {
      const table = tables[topic];
      const rows = recordsOf(golden, topic).flatMap((record) => rowsOf(topic, serde.codec(topic), record));
      const texts = rows.map((row) => asText(table, row));
      const names = table.columns.map(({ name }) => name);
      const facts = {
        rows: rows.length,
        columns: [...names].sort(),
        key: names.slice(0, table.keyLength),
        first: texts[0] ?? [],
        digest: createHash('sha256').update(JSON.stringify(texts)).digest('hex'),
      };
      return [table.name, facts] as const;
    }),
  );
}

const byTable = (a: StoredTopic, b: StoredTopic): number => (tables[a].name < tables[b].name ? -1 : 1);

function rowsOf<T extends StoredTopic>(
  topic: T,
  codec: Codec<ValueOf<T>>,
  record: GoldenRecord,
): readonly Row[] {
  return record.value === null ? [] : tables[topic].rows(codec.decode(record.value), record.timestamp);
}

/** All readable records of a topic, from all steps. */
function recordsOf({ topics: byTopic, schemas }: Golden, topic: AvroTopicId): readonly GoldenRecord[] {
  const name = topics[topic];
  const own = avroTopicIds.includes(topic) ? schemas[name]?.id : undefined;
  return Object.entries(byTopic)
    .filter(([found]) => found === name || found.startsWith(`${name} of `))
    .flatMap(([, slices]) => slices.flat())
    .filter(
      ({ value }) => value !== null && value.length > 4 && value[0] === 0 && value.readUInt32BE(1) === own,
    );
}

const asText = ({ columns }: Table, row: Row): readonly string[] =>
  columns.map(({ name }, index) => `${name}=${cellText(row[index] ?? null)}`).sort();

const cellText = (cell: ColumnValue): string => (cell === null ? '\\N' : String(cell));
