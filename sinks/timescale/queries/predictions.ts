/** Reads predictions. All times are ms since the epoch. */
import type { Pool } from 'pg';
import type { Prediction } from '../../../schemas/generated/types.ts';
import { predictionsTable } from '../tables/predictions.ts';
import { readReasons } from '../tables/stored-reasons.ts';
import { selection, timeAs, timeOf, type SelectedRow, type TimeSpan } from './selection.ts';

/** A prediction without the field that the table does not have. */
export type StoredPrediction = Omit<Prediction, 'signals'>;

const stored = selection(predictionsTable, ['publishedAt']);

/** Returns the newest predictions of an asset in the span, the newest first. @param limit the most predictions */
export async function storedPredictions(
  pool: Pool,
  asset: string,
  { from, to }: TimeSpan,
  limit: number,
): Promise<StoredPrediction[]> {
  const rows = await stored.ask(
    pool,
    `FROM castwatch.predictions
      WHERE asset = $1 AND event_time >= ${timeOf('$2')} AND event_time < ${timeOf('$3')}
      ORDER BY event_time DESC, target LIMIT $4`,
    [asset, from, to, limit],
  );
  return rows.map(predictionOf);
}

const predictionOf = (row: SelectedRow<typeof stored>): StoredPrediction => ({
  ...row,
  modelEntry: row.modelEntry ?? 0,
  contributions: readReasons(row.contributions),
  classes: row.classes ?? [],
});

export interface PredictedAsset {
  readonly asset: string;
  /** Event time of the asset's newest prediction. */
  readonly lastEventTime: number;
}

/** Returns all assets with predictions. It steps through the index from asset to asset, so the number of rows does not matter. */
export async function predictedAssets(pool: Pool): Promise<PredictedAsset[]> {
  const { rows } = await pool.query<{ asset: string; lastEventTime: number }>(
    `WITH RECURSIVE found AS (
       SELECT min(asset) AS asset FROM castwatch.predictions
       UNION ALL
       SELECT (SELECT min(asset) FROM castwatch.predictions p WHERE p.asset > found.asset)
         FROM found WHERE found.asset IS NOT NULL)
     SELECT asset, ${timeAs(
       '(SELECT max(event_time) FROM castwatch.predictions p WHERE p.asset = found.asset)',
       'lastEventTime',
     )}
       FROM found WHERE asset IS NOT NULL`,
  );
  return rows;
}

/** Returns the event time of the bundle's newest prediction; undefined when it has none. */
export async function lastPredictionOf(pool: Pool, bundle: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ eventTime: number }>(
    `SELECT ${timeAs('event_time', 'eventTime')} FROM castwatch.predictions
      WHERE bundle = $1 ORDER BY event_time DESC LIMIT 1`,
    [bundle],
  );
  return rows[0]?.eventTime;
}

/** Rejects when the database is unreachable or does not have the tables. */
export async function requireTables(pool: Pool): Promise<void> {
  await pool.query('SELECT FROM castwatch.predictions LIMIT 1');
}
