/** Reads readings: their values, and the findings of validation. All times are ms since the epoch. */
import type { Pool } from 'pg';
import { milliseconds } from '../sql.ts';
import type { RowOf } from '../columns/define-table.ts';
import type { validatedReadingsTable } from '../tables/validated-readings.ts';
import { timeOf, type TimeSpan } from './selection.ts';

type ValidatedRow = RowOf<typeof validatedReadingsTable>;

/** One value of a reading. It is an array, not an object, because there are many. */
export type StoredValue = [
  /** Index into the requested tags. */
  tag: number,
  eventTime: number,
  value: ValidatedRow['value'],
  quality: ValidatedRow['quality'],
  treatment: ValidatedRow['treatment'],
  reason: ValidatedRow['reason'],
];

/**
 * Returns the values of the newest readings in the span, the oldest first. Every reading has a row for every tag, so the
 * newest rows of the first tag give the times of the others.
 * @param limit the most readings
 */
export async function newestValues(
  pool: Pool,
  asset: string,
  tags: readonly string[],
  { from, to }: TimeSpan,
  limit: number,
): Promise<StoredValue[]> {
  const { rows } = await pool.query<StoredValue>({
    text: `WITH newest AS MATERIALIZED (
             SELECT event_time FROM castwatch.validated_readings
              WHERE asset = $1 AND tag = ($2::text[])[1]
                AND event_time >= ${timeOf('$3')} AND event_time < ${timeOf('$4')}
              ORDER BY event_time DESC LIMIT $5)
           SELECT array_position($2::text[], r.tag) - 1, ${milliseconds('r.event_time')},
                  r.value, r.quality, r.treatment, r.reason
             FROM castwatch.validated_readings r
            WHERE r.asset = $1 AND r.tag = ANY ($2::text[])
              AND r.event_time >= (SELECT min(event_time) FROM newest)
              AND r.event_time <= (SELECT max(event_time) FROM newest)
            ORDER BY r.event_time`,
    values: [asset, tags, from, to, limit],
    rowMode: 'array',
  });
  return rows;
}
