/** Questions about drift. */
import type { Pool } from 'pg';
import type { RowOf } from '../tables/columns.ts';
import type { driftTable } from '../tables/drift.ts';
import { timeAs } from './selection.ts';

type DriftRow = RowOf<typeof driftTable>;

/** One drift report, by the figure that was asked for. */
export interface StoredDrift extends Pick<DriftRow, 'asset' | 'eventTime'> {
  readonly index: DriftRow['score'];
  /** Of the feature that drifted most; null when none did. */
  readonly text: string | null;
}

/** The newest reports on the bundle. @param perAsset so many at most of each asset */
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
