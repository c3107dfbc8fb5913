/** What people and the gateway ask of the database. All times are ms since the epoch; lists come newest first. */
import type { Pool } from 'pg';
import { milliseconds } from '../sql.ts';

export interface Span {
  /** ms, inclusive */
  readonly from: number;
  /** ms, exclusive */
  readonly to: number;
}

export interface StoredPrediction {
  readonly asset: string;
  readonly eventTime: number;
  readonly target: string;
  readonly status: string;
  readonly reason: string | null;
  readonly probability: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly confidence: number | null;
  readonly threshold: number;
  readonly bundle: string;
  readonly modelEntry: number;
  readonly featureSet: string;
  readonly completeness: number;
  readonly models: readonly {
    readonly name: string;
    readonly probability: number | null;
    readonly weight: number;
  }[];
  readonly contributions: readonly StoredReason[];
  readonly piece: Readonly<Record<string, string>>;
  /** Null where the target has none. */
  readonly classes: readonly { readonly name: string; readonly probability: number }[] | null;
}

export interface StoredReason {
  readonly feature: string;
  /** Null where it was no number. */
  readonly value: number | null;
  readonly contribution: number;
  readonly text: string;
}

/** The last word on an alert. */
export interface StoredAlert {
  readonly id: string;
  readonly asset: string;
  readonly rule: string;
  readonly priority: string;
  readonly transition: string;
  readonly step: number;
  readonly raisedAt: number;
  readonly changedAt: number;
  readonly clearedAt: number | null;
  readonly value: number;
  readonly peak: number;
  readonly limit: number;
  readonly message: string;
  readonly contributions: readonly StoredReason[];
  readonly bundle: string;
  readonly piece: Readonly<Record<string, string>>;
  readonly actor: string | null;
}

/** One finding of validation. */
export interface StoredRejection {
  readonly asset: string;
  readonly eventTime: number;
  readonly source: string;
  readonly sequence: number;
  /** True when nothing of the reading went on. */
  readonly dropped: boolean;
  /** Null when the finding is about the whole reading. */
  readonly tag: string | null;
  readonly value: number | null;
  readonly reason: string;
  readonly treatment: string;
  readonly detail: string;
}

/** One tag over one bucket. */
export interface ReadingBucket {
  readonly tag: string;
  /** Start of the bucket. */
  readonly time: number;
  readonly scans: number;
  /** Of the values that there are; null when there are none. */
  readonly mean: number | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** Values that were held, flagged or missing. */
  readonly repaired: number;
}

const ms = (column: string, name: string): string => `${milliseconds(column)} AS "${name}"`;

const predictionColumns = `asset, ${ms('event_time', 'eventTime')}, target, status, reason, probability, lower, upper,
  confidence, threshold, bundle, coalesce(model_entry, 0)::double precision AS "modelEntry", feature_set AS "featureSet", completeness, models, contributions, piece, classes`;

const alertColumns = `id, asset, rule, priority, transition, step, ${ms('raised_at', 'raisedAt')},
  ${ms('changed_at', 'changedAt')}, ${ms('cleared_at', 'clearedAt')}, value, peak, "limit", message, contributions,
  bundle, piece, actor`;

const rejectionColumns = `asset, ${ms('event_time', 'eventTime')}, source, sequence::double precision AS sequence,
  dropped, tag, value, reason, treatment, detail`;

const time = (parameter: string): string => `to_timestamp(${parameter}::double precision / 1000)`;

/** @param limit at most so many, the newest */
export async function predictions(
  pool: Pool,
  asset: string,
  { from, to }: Span,
  limit: number,
): Promise<StoredPrediction[]> {
  const { rows } = await pool.query<StoredPrediction>(
    `SELECT ${predictionColumns} FROM castwatch.predictions
      WHERE asset = $1 AND event_time >= ${time('$2')} AND event_time < ${time('$3')}
      ORDER BY event_time DESC, target LIMIT $4`,
    [asset, from, to, limit],
  );
  return rows;
}

export async function openAlerts(pool: Pool, limit: number): Promise<StoredAlert[]> {
  const { rows } = await pool.query<StoredAlert>(
    `SELECT ${alertColumns} FROM castwatch.open_alerts ORDER BY raised_at DESC, id LIMIT $1`,
    [limit],
  );
  return rows;
}

/** Alerts that were raised in the span, open or not. @param asset all assets when left out */
export async function alerts(
  pool: Pool,
  { from, to }: Span,
  limit: number,
  asset?: string,
): Promise<StoredAlert[]> {
  const { rows } = await pool.query<StoredAlert>(
    `SELECT ${alertColumns} FROM castwatch.alert_current
      WHERE raised_at >= ${time('$1')} AND raised_at < ${time('$2')} AND ($4::text IS NULL OR asset = $4)
      ORDER BY raised_at DESC, id LIMIT $3`,
    [from, to, limit, asset ?? null],
  );
  return rows;
}

/** What validation found wrong with readings of the span. @param asset all assets when left out */
export async function rejections(
  pool: Pool,
  { from, to }: Span,
  limit: number,
  asset?: string,
): Promise<StoredRejection[]> {
  const { rows } = await pool.query<StoredRejection>(
    `SELECT ${rejectionColumns} FROM castwatch.rejected_readings
      WHERE event_time >= ${time('$1')} AND event_time < ${time('$2')} AND ($4::text IS NULL OR asset = $4)
      ORDER BY event_time DESC, asset DESC, source DESC, sequence DESC, input_partition DESC, input_offset DESC,
               ordinal DESC LIMIT $3`,
    [from, to, limit, asset ?? null],
  );
  return rows;
}

/**
 * The asset's tags in buckets of equal width, oldest first: at most `points` per tag.
 * @param tags all tags when left out
 */
export async function readings(
  pool: Pool,
  asset: string,
  { from, to }: Span,
  points: number,
  tags?: readonly string[],
): Promise<ReadingBucket[]> {
  const width = Math.max(1, Math.ceil((to - from) / points));
  const { rows } = await pool.query<ReadingBucket>(
    `SELECT tag, ${ms(`date_bin($4::double precision * interval '1 millisecond', event_time, ${time('$2')})`, 'time')},
            count(*)::int AS scans, avg(value) AS mean, min(value) AS minimum, max(value) AS maximum,
            (count(*) FILTER (WHERE treatment <> 'MEASURED'))::int AS repaired
       FROM castwatch.validated_readings
      WHERE asset = $1 AND event_time >= ${time('$2')} AND event_time < ${time('$3')}
        AND ($5::text[] IS NULL OR tag = ANY ($5))
      GROUP BY 1, 2 ORDER BY 1, 2`,
    [asset, from, to, width, tags ?? null],
  );
  return rows;
}
