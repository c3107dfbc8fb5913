/** The newest rows of any table by asset and event time: the lists of the gateway need no SQL of their own. */
import type { Pool } from 'pg';
import { columnList, qualified } from '../sql.ts';
import { rejectedReadingsTable } from '../tables/rejected-readings.ts';
import { selection, timeOf, type SelectedRow, type Selection, type TimeSpan } from './selection.ts';

/** What a table needs so that its rows can be listed by asset and span of time. */
interface AssetRow {
  readonly asset: string;
  /** ms since the epoch */
  readonly eventTime: number;
}
/** A table, and the columns that a list returns. */
export type Listed = Selection<AssetRow>;

/** The rows of the span, newest first; rows of the same time in the order of the primary key. @param asset default: all assets */
export function newestRows<Row extends AssetRow>(
  pool: Pool,
  rows: Selection<Row>,
  { from, to }: TimeSpan,
  limit: number,
  asset?: string,
): Promise<Row[]> {
  const { table } = rows;
  const key = table.columns.filter(({ inKey, name }) => inKey && name !== 'event_time');
  const order = ['event_time', ...key.map((column) => columnList([column]))].map((name) => `${name} DESC`);
  return rows.ask(
    pool,
    `FROM ${qualified(table)}
      WHERE event_time >= ${timeOf('$1')} AND event_time < ${timeOf('$2')} AND ($4::text IS NULL OR asset = $4)
      ORDER BY ${order.join(', ')} LIMIT $3`,
    [from, to, limit, asset ?? null],
  );
}

/** The findings of validation, without the place of the reading on its topic. */
export const findings = selection(rejectedReadingsTable, ['inputPartition', 'inputOffset', 'ordinal']);

/** One finding of validation. */
export type StoredFinding = SelectedRow<typeof findings>;
