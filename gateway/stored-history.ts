/** Implements the history port on the sink's tables, and checks the database. */
import pg from 'pg';
import { openAlerts, storedAlerts } from '../sinks/timescale/queries/alerts.ts';
import { predictedAssets, requireTables, storedPredictions } from '../sinks/timescale/queries/predictions.ts';
import { newestValues, type StoredValue } from '../sinks/timescale/queries/readings.ts';
import { newestRows } from '../sinks/timescale/queries/rows.ts';
import { connectionLifetime } from '../sinks/timescale/database-connection.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import { plantView } from './plant-view.ts';
import type { History, TimeRange } from './history.ts';
import type { Mark, PlantView, Scan } from './shared/messages.ts';

export interface StoredHistory {
  readonly history: History;
  /** Rejects when the database does not answer or the tables are missing. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** ms after which a query is given up; normal queries take a fraction of this. */
const statementTimeout = 10_000;
/** Default bounds of a time span, ms since the epoch. */
const beginning = 0;
const end = 8.64e15;

/** Connects at the first query. During an outage queries reject; afterwards they work again. */
export function openStoredHistory(
  databaseUrl: string,
  definition: ProcessDefinition,
  log: Logger,
): StoredHistory {
  const plant = plantView(definition);
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 4,
    connectionTimeoutMillis: 3_000,
    maxLifetimeSeconds: connectionLifetime,
    query_timeout: statementTimeout,
    application_name: 'castwatch-gateway',
  });
  pool.on('error', (error) => {
    log.debug({ err: error }, 'an idle database connection broke');
  });
  return {
    history: {
      assets: () => predictedAssets(pool),
      predictions: async (asset, { from = beginning, to = end, limit }) =>
        (await storedPredictions(pool, asset, { from, to }, limit))
          .map((stored) => ({ ...stored, signals: [] }))
          .reverse(),
      scans: (asset, span) => scans(pool, plant, asset, span),
      alerts: async ({ open, asset, from = beginning, to = end, limit }) => {
        if (!open) return (await storedAlerts(pool, { from, to }, limit, asset)).reverse();
        const matching = (await openAlerts(pool, mostOpenAlerts)).filter(
          (one) => (asset ?? one.asset) === one.asset && one.raisedAt >= from && one.raisedAt < to,
        );
        return matching.slice(0, limit).reverse();
      },
      rows: async (of, { asset, from = beginning, to = end, limit }) =>
        (await newestRows(pool, of, { from, to }, limit, asset)).reverse(),
    },
    check: () => requireTables(pool),
    close: () => pool.end(),
  };
}

/** Largest number of open alarms that are read. */
const mostOpenAlerts = 5_000;

async function scans(pool: pg.Pool, plant: PlantView, asset: string, span: TimeRange): Promise<Scan[]> {
  const { from = beginning, to = end, limit } = span;
  const tags = plant.tags.map(({ id }) => id);
  return pivot(plant, asset, await newestValues(pool, asset, tags, { from, to }, limit));
}

function pivot(plant: PlantView, asset: string, rows: readonly StoredValue[]): Scan[] {
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
