/** Batches: what is stored in one transaction. Each slice is a run of one partition's offsets. */
import type { RawRecord } from '../../stream/transport.ts';
import type { Row, Table } from './columns.ts';
import type { DeadLetterReason } from './observer.ts';
import type { SinkPartition } from './partition.ts';

export interface Item {
  readonly record: RawRecord;
  /** None when the record became a dead letter. */
  readonly rows: readonly Row[];
}

export interface Slice {
  readonly partition: SinkPartition;
  /** Offsets from `from` up to but without `to`. */
  readonly from: number;
  readonly to: number;
  readonly items: readonly Item[];
}

export type Batch = readonly Slice[];

export interface Letter {
  readonly partition: SinkPartition;
  readonly record: RawRecord;
  readonly reason: DeadLetterReason;
  readonly detail: string;
}

export const recordsIn = (batch: Batch): number => batch.reduce((sum, { items }) => sum + items.length, 0);

export function rowsByTable(batch: Batch): Map<Table, Row[]> {
  const byTable = new Map<Table, Row[]>();
  for (const { partition, items } of batch) {
    let rows = byTable.get(partition.binding.table);
    if (rows === undefined) byTable.set(partition.binding.table, (rows = []));
    for (const item of items) for (const row of item.rows) rows.push(row);
  }
  return byTable;
}

/** Two batches that together are this one; of more than one record. Whole slices first, then within one. */
export function halve(batch: Batch): readonly [Batch, Batch] {
  if (batch.length > 1) {
    const middle = batch.length >> 1;
    return [batch.slice(0, middle), batch.slice(middle)];
  }
  const [slice] = batch;
  const middle = (slice?.items.length ?? 0) >> 1;
  const border = slice?.items[middle];
  if (slice === undefined || border === undefined || middle === 0)
    throw new Error('a batch of one record cannot be halved');
  const at = border.record.offset;
  return [
    [{ ...slice, to: at, items: slice.items.slice(0, middle) }],
    [{ ...slice, from: at, items: slice.items.slice(middle) }],
  ];
}

/** Records decoded at a time, between looks at the number of rows. */
const step = 64;

/**
 * Takes about `maxRows` rows' worth of a partition's records, undecodable ones as letters. Stops the partition
 * when its breaker trips: records from there on stay unread on the topic.
 * @param prepare makes the codec ready for these values; does not give up
 */
export async function takeSlice(
  partition: SinkPartition,
  maxRows: number,
  letters: Letter[],
  prepare: (partition: SinkPartition, values: readonly Buffer[]) => Promise<void>,
): Promise<Slice> {
  const { buffer } = partition;
  const items: Item[] = [];
  const from = partition.stored;
  let rows = 0;
  let halt: number | undefined;
  while (rows < maxRows && buffer.count > 0 && halt === undefined) {
    const records = buffer.take(step);
    const values = records.flatMap(({ value }) => (value === null ? [] : [value]));
    await prepare(partition, values);
    for (const record of records) {
      const decoded = decode(partition, record);
      if (partition.breaker.count('reason' in decoded)) {
        partition.halted = `${partition.breaker.describe()} could not be stored; the last: ${'detail' in decoded ? decoded.detail : ''}`;
        halt = record.offset;
        break;
      }
      if ('reason' in decoded) letters.push(decoded);
      const made = 'reason' in decoded ? [] : decoded.rows;
      items.push({ record, rows: made });
      rows += made.length;
    }
  }
  return { partition, from, to: halt ?? buffer.consumed, items };
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
      detail: error instanceof Error ? error.message : String(error),
    };
  }
}
