/**
 * Compares tables with an oracle, row for row. `expect` takes the oracle's records in any order. `compare` reads the tables
 * and reports rows that are missing, unexpected or different.
 */
import { hash } from 'node:crypto';
import type { Pool } from 'pg';
import type { ValueOf } from '../../../schemas/values.ts';
import type { Row, Table } from '../columns/define-table.ts';
import { comparedColumns, readTable } from './read.ts';
import { storedTopics, type StoredTopic } from '../../../schemas/catalogue.ts';
import { tables } from '../tables/tables.ts';

export interface TableDifference {
  readonly table: string;
  readonly expected: number;
  readonly stored: number;
  /** Rows that are expected, but not stored. */
  readonly missing: number;
  /** Rows that are stored, but not expected. */
  readonly unexpected: number;
  /** Rows that are stored with an expected key, but other contents. */
  readonly different: number;
  /** The first differences, for people: `missing …`, `unexpected …`, `different …`. */
  readonly examples: readonly string[];
}

/** The asset is empty in a table without one. */
export type IsCompared = (topic: StoredTopic, asset: string) => boolean;

const maxExamples = 10;

/** Returns the rows that a record should become, without volatile columns. */
export function expectedRows<T extends StoredTopic>(topic: T, record: ValueOf<T>): readonly Row[] {
  const table = tables[topic];
  const compared = table.columns.map(({ volatile }) => volatile !== true);
  return table.rows(record, 0).map((row) => row.filter((_, index) => compared[index]));
}

export class TableComparison {
  /** By topic: key → hash of the row. 400,000 rows need 300 MB. */
  readonly #expected = new Map<StoredTopic, Map<string, string>>(
    storedTopics.map((topic) => [topic, new Map<string, string>()]),
  );
  /** By topic: keys of rows that need not be stored. */
  readonly #optional = new Map<StoredTopic, Set<string>>();
  readonly #repeated = new Map<StoredTopic, number>();

  /** @param isOptional the rows need not be stored, but no others may be */
  expect<T extends StoredTopic>(topic: T, record: ValueOf<T>, isOptional = false): void {
    const rows = this.#expected.get(topic);
    if (rows === undefined) return;
    const table = tables[topic];
    for (const row of expectedRows(topic, record)) {
      const key = keyOf(table, row);
      if (rows.has(key)) this.#repeated.set(topic, (this.#repeated.get(topic) ?? 0) + 1);
      else rows.set(key, digest(row));
      if (isOptional) this.#optionalOf(topic).add(key);
    }
  }

  /** The number of expected rows whose key was expected before; a table stores one row per key. */
  repeated(topic: StoredTopic): number {
    return this.#repeated.get(topic) ?? 0;
  }

  /**
   * Compares the tables one after another. Can be called again.
   * @param isCompared whether the rows of an asset are compared; default: all are
   */
  async compare(
    pool: Pool,
    topics: readonly StoredTopic[] = storedTopics,
    isCompared: IsCompared = () => true,
  ): Promise<TableDifference[]> {
    const differences: TableDifference[] = [];
    for (const topic of topics) differences.push(await this.#compareTable(pool, topic, isCompared));
    return differences;
  }

  #optionalOf(topic: StoredTopic): Set<string> {
    const known = this.#optional.get(topic) ?? new Set<string>();
    this.#optional.set(topic, known);
    return known;
  }

  async #compareTable(pool: Pool, topic: StoredTopic, isCompared: IsCompared): Promise<TableDifference> {
    const table = tables[topic];
    const expected = this.#expected.get(topic) ?? new Map<string, string>();
    const optional = this.#optionalOf(topic);
    const seen = new Set<string>();
    const asset = comparedColumns(table).findIndex(({ name }) => name === 'asset');
    const examples: string[] = [];
    const example = (kind: string, what: string): void => {
      if (examples.length < maxExamples) examples.push(`${kind} ${what}`);
    };
    let stored = 0;
    let unexpected = 0;
    let different = 0;
    for await (const row of readTable(pool, table)) {
      stored += 1;
      if (!isCompared(topic, String(row[asset] ?? ''))) continue;
      const key = keyOf(table, row);
      const wanted = expected.get(key);
      if (wanted === undefined) {
        unexpected += 1;
        example('unexpected', describe(table, row));
        continue;
      }
      seen.add(key);
      if (wanted !== digest(row)) {
        different += 1;
        example('different', describe(table, row));
      }
    }
    let missing = 0;
    for (const key of expected.keys()) {
      if (seen.has(key) || optional.has(key)) continue;
      missing += 1;
      example('missing', key);
    }
    return { table: table.name, expected: expected.size, stored, missing, unexpected, different, examples };
  }
}

/** −0 and 0 are the same number for the database, and for `String`. */
const lineOf = (row: Row): string => row.map((cell) => (cell === null ? '\\N' : String(cell))).join('\t');
const keyOf = (table: Table, row: Row): string => lineOf(row.slice(0, table.keyLength));
const digest = (row: Row): string => hash('md5', lineOf(row), 'base64');

const describe = (table: Table, row: Row): string =>
  comparedColumns(table)
    .map(({ name }, index) => `${name}=${String(row[index] ?? 'null')}`)
    .join(' ');
