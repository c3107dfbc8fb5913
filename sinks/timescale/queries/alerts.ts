/** Reads alerts: the newest transition of each. All times are ms since the epoch. */
import type { Pool } from 'pg';
import type { Alert } from '../../../schemas/generated/types.ts';
import { alertsTable } from '../tables/alerts.ts';
import { readReasons } from '../tables/stored-reasons.ts';
import { selection, timeOf, type SelectedRow, type TimeSpan } from './selection.ts';

const stored = selection(alertsTable, ['publishedAt']);

/** The views call the time of the newest transition `changed_at`. */
const newestIn = (view: 'alert_current' | 'open_alerts'): string =>
  `FROM (SELECT *, changed_at AS event_time FROM castwatch.${view}) AS newest`;

/** Returns the alerts that are not cleared, the last raised first. */
export async function openAlerts(pool: Pool, limit: number): Promise<Alert[]> {
  const rest = `${newestIn('open_alerts')} ORDER BY raised_at DESC, id LIMIT $1`;
  return (await stored.ask(pool, rest, [limit])).map(alertOf);
}

/** Returns the alerts that were raised in the span, open or not, the last raised first. @param asset default: all assets */
export async function storedAlerts(
  pool: Pool,
  { from, to }: TimeSpan,
  limit: number,
  asset?: string,
): Promise<Alert[]> {
  const rows = await stored.ask(
    pool,
    `${newestIn('alert_current')}
      WHERE raised_at >= ${timeOf('$1')} AND raised_at < ${timeOf('$2')} AND ($4::text IS NULL OR asset = $4)
      ORDER BY raised_at DESC, id LIMIT $3`,
    [from, to, limit, asset ?? null],
  );
  return rows.map(alertOf);
}

const alertOf = (row: SelectedRow<typeof stored>): Alert => ({
  ...row,
  contributions: readReasons(row.contributions),
});
