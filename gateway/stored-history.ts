/** The history port over the sink's tables, and whether the database can be asked. */
import pg from 'pg';
import {
  alerts,
  openAlerts,
  predictions,
  rejections,
  type StoredAlert,
  type StoredPrediction,
} from '../sinks/timescale/queries/queries.ts';
import type { Alert, Prediction, Quality, RejectionReason, Treatment } from '../schemas/generated/types.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import { plantView } from './plant-view.ts';
import type { History, Span } from './history.ts';
import type { Mark, PlantView, Scan } from './shared/messages.ts';

export interface StoredHistory {
  readonly history: History;
  /** Rejects when the database cannot be asked, or lacks the tables. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** No question of ours takes a fraction of this, ms. */
const statementTimeout = 10_000;
/** The ends of what the database can be asked for, ms. */
const beginning = 0;
const end = 8.64e15;

/** Connects when first asked; an outage shows as rejections and passes by itself. */
export function openHistory(databaseUrl: string, definition: ProcessDefinition, log: Logger): StoredHistory {
  const plant = plantView(definition);
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 4,
    connectionTimeoutMillis: 3_000,
    query_timeout: statementTimeout,
    application_name: 'castwatch-gateway',
  });
  pool.on('error', (error) => {
    log.debug({ err: error }, 'an idle database connection broke');
  });
  return {
    history: {
      assets: () => newestByAsset(pool),
      predictions: async (asset, { from = beginning, to = end, limit }) =>
        (await predictions(pool, asset, { from, to }, limit)).map(toPrediction).reverse(),
      scans: (asset, span) => scans(pool, plant, asset, span),
      alerts: async ({ open, asset, from = beginning, to = end, limit }) => {
        if (!open) return (await alerts(pool, { from, to }, limit, asset)).map(toAlert).reverse();
        const matching = (await openAlerts(pool, mostOpenAlerts)).filter(
          (one) => (asset ?? one.asset) === one.asset && one.raisedAt >= from && one.raisedAt < to,
        );
        return matching.slice(0, limit).map(toAlert).reverse();
      },
      rejections: async ({ asset, from = beginning, to = end, limit }) =>
        (await rejections(pool, { from, to }, limit, asset))
          .map((stored) => ({
            ...stored,
            reason: stored.reason as RejectionReason,
            treatment: stored.treatment as Treatment,
          }))
          .reverse(),
    },
    async check() {
      await pool.query('SELECT FROM castwatch.predictions LIMIT 1');
    },
    close: () => pool.end(),
  };
}

/** More open alerts than anybody can look at. */
const mostOpenAlerts = 5_000;

/** The casts hold because the sink stores what it has decoded by the topics' schemas. */
function toPrediction(stored: StoredPrediction): Prediction {
  return {
    ...stored,
    status: stored.status as Prediction['status'],
    contributions: stored.contributions.map((one) => ({ ...one, value: one.value ?? Number.NaN })),
    signals: [],
    classes: stored.classes ?? [],
  };
}

function toAlert(stored: StoredAlert): Alert {
  return {
    ...stored,
    eventTime: stored.changedAt,
    priority: stored.priority as Alert['priority'],
    transition: stored.transition as Alert['transition'],
    contributions: stored.contributions.map((one) => ({ ...one, value: one.value ?? Number.NaN })),
  };
}

/** Steps from asset to asset through the index, however many rows each has. */
async function newestByAsset(pool: pg.Pool): Promise<{ asset: string; lastEventTime: number }[]> {
  const { rows } = await pool.query<{ asset: string; lastEventTime: number }>(
    `WITH RECURSIVE found AS (
       SELECT min(asset) AS asset FROM castwatch.predictions
       UNION ALL
       SELECT (SELECT min(asset) FROM castwatch.predictions p WHERE p.asset > found.asset)
         FROM found WHERE found.asset IS NOT NULL)
     SELECT asset, (extract(epoch FROM (
              SELECT max(event_time) FROM castwatch.predictions p WHERE p.asset = found.asset
            )) * 1000)::double precision AS "lastEventTime"
       FROM found WHERE asset IS NOT NULL`,
  );
  return rows;
}

type ReadingRow = [
  tag: number,
  eventTime: number,
  value: number | null,
  quality: Quality,
  treatment: Treatment,
  reason: RejectionReason | null,
];

/** Every reading has a row for every tag: the first tag's newest rows say from when on the others are wanted. */
async function scans(pool: pg.Pool, plant: PlantView, asset: string, span: Span): Promise<Scan[]> {
  const { from = beginning, to = end, limit } = span;
  const { rows } = await pool.query<ReadingRow>({
    text: `WITH newest AS MATERIALIZED (
             SELECT event_time FROM castwatch.validated_readings
              WHERE asset = $1 AND tag = ($2::text[])[1]
                AND event_time >= to_timestamp($3::double precision / 1000)
                AND event_time < to_timestamp($4::double precision / 1000)
              ORDER BY event_time DESC LIMIT $5)
           SELECT array_position($2::text[], r.tag) - 1, (extract(epoch FROM r.event_time) * 1000)::double precision,
                  r.value, r.quality, r.treatment, r.reason
             FROM castwatch.validated_readings r
            WHERE r.asset = $1 AND r.tag = ANY ($2::text[])
              AND r.event_time >= (SELECT min(event_time) FROM newest)
              AND r.event_time <= (SELECT max(event_time) FROM newest)
            ORDER BY r.event_time`,
    values: [asset, plant.tags.map(({ id }) => id), from, to, limit],
    rowMode: 'array',
  });
  return pivot(plant, asset, rows);
}

function pivot(plant: PlantView, asset: string, rows: readonly ReadingRow[]): Scan[] {
  const byTime = new Map<number, { values: (number | null)[]; marks: Mark[] }>();
  for (const [tag, eventTime, value, quality, treatment, reason] of rows) {
    let scan = byTime.get(eventTime);
    if (scan === undefined) {
      scan = { values: new Array<number | null>(plant.tags.length).fill(null), marks: [] };
      byTime.set(eventTime, scan);
    }
    scan.values[tag] = value;
    if (treatment !== 'MEASURED' || quality !== 'GOOD') scan.marks.push({ tag, treatment, quality, reason });
  }
  return [...byTime].map(([eventTime, scan]) => ({ asset, eventTime, publishedAt: null, ...scan }));
}
