/** Reads which model was live, and the answers of champion and candidate with their labels. */
import type { Pool, QueryResultRow } from 'pg';
import { databaseError } from '../database-connection.ts';
import { timeOf } from './selection.ts';

export interface LiveModel {
  readonly asset: string;
  /** Event time of the newest prediction at the requested time, ISO 8601. */
  readonly predictedAt: string;
  readonly bundle: string;
  /** Sequence of the model registry's entry by which the bundle was champion; null when there is no entry. */
  readonly sequence: number | null;
  readonly action: string | null;
  readonly by: string | null;
  readonly decidedAt: string | null;
  readonly why: string | null;
  readonly replaces: string | null;
}

const iso = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** @param at ms since the epoch */
export async function modelLive(pool: Pool, asset: string, at: number): Promise<LiveModel | undefined> {
  const rows = await ask<LiveModel>(
    pool,
    `SELECT asset, ${iso('predicted_at')} AS "predictedAt", bundle, sequence::double precision AS sequence, action,
            promoted_by AS by, ${iso('promoted_at')} AS "decidedAt", why, replaces
       FROM castwatch.model_live($1, ${timeOf('$2')})`,
    [asset, at],
  );
  return rows[0];
}

/** A row that champion and candidate both answered, with the newest label of its span. */
export interface PairedRow {
  readonly label: number;
  readonly group: string;
  readonly champion: number;
  readonly candidate: number;
  readonly championThreshold: number;
  readonly candidateThreshold: number;
}

export interface Pairing {
  readonly target: string;
  readonly champion: string;
  readonly candidate: string;
  /** Start of the span of rows, ms since the epoch. */
  readonly since: number;
  /** Level of the piece by which rows are grouped; without it, an hour of an asset is a group. */
  readonly level: string | undefined;
}

/** Returns the rows by time and asset. A row has the label of the span in which its hop ends, as in training. */
export function pairedRows(pool: Pool, pairing: Pairing): Promise<readonly PairedRow[]> {
  const { target, champion, candidate, since, level } = pairing;
  return ask<PairedRow>(
    pool,
    `SELECT l.value AS label,
            coalesce(p.piece ->> $5, p.asset || date_bin(interval '1 hour', p.event_time, timestamptz 'epoch')) AS "group",
            p.probability AS champion, s.probability AS candidate,
            p.threshold AS "championThreshold", s.threshold AS "candidateThreshold"
       FROM castwatch.predictions p
       JOIN castwatch.shadow_predictions s
         ON s.asset = p.asset AND s.event_time = p.event_time AND s.target = p.target AND s.bundle = $3
       JOIN LATERAL (
              SELECT value FROM castwatch.quality_labels q
               WHERE q.asset = p.asset AND q.target = p.target AND q.event_time < p.event_time AND q.until >= p.event_time
               ORDER BY q.event_time DESC, q.found_at DESC LIMIT 1) l ON true
      WHERE p.target = $1 AND p.bundle = $2 AND p.event_time >= ${timeOf('$4')}
        AND p.probability IS NOT NULL AND s.probability IS NOT NULL
      ORDER BY p.event_time, p.asset`,
    [target, champion, candidate, since, level ?? ''],
  );
}

/** @throws CastwatchError DATABASE_UNAVAILABLE or DATABASE_REFUSED */
async function ask<Row extends QueryResultRow>(
  pool: Pool,
  sql: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  try {
    return (await pool.query<Row>(sql, [...values])).rows;
  } catch (error) {
    throw databaseError('the tables of models cannot be read', error);
  }
}
