/** Batches: the records that are stored in one transaction. Each slice is a range of one partition's offsets. */
import { setImmediate as others } from 'node:timers/promises';
import { messageOf } from '../../../base/text.ts';
import type { RawRecord } from '../../../stream/index.ts';
import type { Row, Table } from '../columns/define-table.ts';
import { copyText } from './encode.ts';
import type { Load } from './load-rows.ts';
import type { DeadLetterReason } from './observer.ts';
import type { SinkPartition } from './partition.ts';

export interface RecordFault {
  readonly reason: DeadLetterReason;
  readonly detail: string;
}

export interface Item {
  readonly record: RawRecord;
  /** Empty when the record became a dead letter. */
  readonly rows: readonly Row[];
  /** Why the record became a dead letter; undefined when it has not. */
  readonly fault?: RecordFault;
}

export interface BatchSlice {
  readonly partition: SinkPartition;
  /** The first offset. */
  readonly from: number;
  /** The offset after the last. */
  readonly to: number;
  readonly items: readonly Item[];
  /** The rows as COPY text; undefined when the text was not written ahead. */
  readonly text: string | undefined;
}

export type Batch = readonly BatchSlice[];

export interface Letter extends RecordFault {
  readonly partition: SinkPartition;
  readonly record: RawRecord;
}

export const recordsIn = (batch: Batch): number => batch.reduce((sum, { items }) => sum + items.length, 0);

/** The rows of a batch for one table. */
export interface TableRows {
  readonly rows: Row[];
  /** All rows as COPY text; undefined when a slice has no text. */
  text: string | undefined;
}

export function rowsByTable(batch: Batch): Map<Table, TableRows> {
  const byTable = new Map<Table, TableRows>();
  for (const { partition, items, text } of batch) {
    let found = byTable.get(partition.binding.table);
    if (found === undefined) byTable.set(partition.binding.table, (found = { rows: [], text: '' }));
    for (const item of items) for (const row of item.rows) found.rows.push(row);
    found.text = text === undefined || found.text === undefined ? undefined : found.text + text;
  }
  return byTable;
}

/** Splits a batch of more than one record into two: between slices, or within the only slice. */
export function halve(batch: Batch): readonly [Batch, Batch] {
  if (batch.length > 1) return halvesOf(batch);
  const [slice] = batch;
  const [first, second] = halvesOf(slice?.items ?? []);
  const at = second[0]?.record.offset;
  if (slice === undefined || at === undefined || first.length === 0)
    throw new Error('a batch of one record cannot be halved');
  return [
    [{ ...slice, to: at, items: first, text: undefined }],
    [{ ...slice, from: at, items: second, text: undefined }],
  ];
}

/** The first and the second half of more than one item. */
export function halvesOf<T>(items: readonly T[]): readonly [readonly T[], readonly T[]] {
  const middle = items.length >> 1;
  return [items.slice(0, middle), items.slice(middle)];
}

/** Records that are decoded at a time. After each step other work gets a turn, such as storing the batch before. */
const step = 32;

export interface Taking {
  /** The approximate largest number of rows. */
  readonly maxRows: number;
  readonly load: Load;
  /** Records that cannot be decoded are added here. */
  readonly letters: Letter[];
  /** Prepares the codec for these values; retries until it succeeds. */
  readonly prepare: (partition: SinkPartition, values: readonly Buffer[]) => Promise<void>;
}

/**
 * Takes a partition's next records. Records that cannot be decoded become dead letters. When the partition's breaker trips,
 * the partition is halted; the records from there on stay unread on the topic.
 */
export async function takeSlice(
  partition: SinkPartition,
  { maxRows, load, letters, prepare }: Taking,
): Promise<BatchSlice> {
  const { buffer, binding } = partition;
  const items: Item[] = [];
  const from = partition.taken;
  let text: string | undefined = load === 'copy' ? '' : undefined;
  let rows = 0;
  let halt: number | undefined;
  while (rows < maxRows && buffer.count > 0 && halt === undefined) {
    const records = buffer.take(step);
    const values = records.flatMap(({ value }) => (value === null ? [] : [value]));
    await prepare(partition, values);
    const before = items.length;
    for (const record of records) {
      const decoded = decode(partition, record);
      const letter = 'reason' in decoded ? decoded : undefined;
      if (partition.haltsOnDecoded(record, letter?.detail)) {
        halt = record.offset;
        break;
      }
      if (letter !== undefined) letters.push(letter);
      const item: Item = 'reason' in decoded ? { record, rows: [], fault: decoded } : decoded;
      items.push(item);
      rows += item.rows.length;
    }
    if (text !== undefined) text = writeAhead(text, binding.table, items.slice(before));
    await others();
  }
  const to = halt ?? buffer.consumed;
  partition.taken = to;
  return { partition, from, to, items, text };
}

/** @returns undefined when a cell cannot be written; storing the rows then finds out which record it is */
function writeAhead(text: string, { columns }: Table, items: readonly Item[]): string | undefined {
  try {
    for (const { rows } of items) text += copyText(columns, rows);
    return text;
  } catch {
    return undefined;
  }
}

function decode(partition: SinkPartition, record: RawRecord): Item | Letter {
  if (record.value === null)
    return { partition, record, reason: 'no-value', detail: 'the record has no value (a tombstone)' };
  try {
    return { record, rows: partition.binding.rows(record.value, record.timestamp) };
  } catch (error) {
    return {
      partition,
      record,
      reason: 'undecodable',
      detail: messageOf(error),
    };
  }
}
