/** Reads drift reports. */
import type { Pool } from 'pg';
import type { RowOf } from '../columns/define-table.ts';
import type { driftTable } from '../tables/drift.ts';
import { timeAs } from './selection.ts';

type DriftRow = RowOf<typeof driftTable>;

/** One figure of a drift report. */
export interface StoredDrift extends Pick<DriftRow, 'asset' | 'eventTime'> {
  readonly index: DriftRow['score'];
  /** Describes the feature that drifted most; null when none did. */
  readonly text: string | null;
}

/** Returns the newest reports on the bundle. @param perAsset the most reports for each asset */
export async function newestDrift(
  pool: Pool,
  bundle: string,
  figure: 'score' | 'worst',
  perAsset: number,
): Promise<StoredDrift[]> {
  const { rows } = await pool.query<StoredDrift>(
    `SELECT asset, ${timeAs('event_time', 'eventTime')}, ${figure} AS index, strongest -> 0 ->> 'text' AS text
       FROM (SELECT *, row_number() OVER (PARTITION BY asset ORDER BY event_time DESC) AS place
               FROM castwatch.drift WHERE bundle = $1) AS report
      WHERE place <= $2`,
    [bundle, perAsset],
  );
  return rows;
}
