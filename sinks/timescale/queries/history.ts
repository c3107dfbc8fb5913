/** Reads the records from which the tables were filled. Models learn from them. */
import type { Pool, PoolClient } from 'pg';
import type {
  MesEvent,
  QualityLabel,
  ValidatedMeasurement,
  ValidatedReading,
} from '../../../schemas/generated/types.ts';
import { databaseError } from '../database-connection.ts';
import type { RowOf } from '../columns/define-table.ts';
import { mesEventsTable } from '../tables/mes-events.ts';
import { qualityLabelsTable } from '../tables/quality-labels.ts';
import type { validatedReadingsTable } from '../tables/validated-readings.ts';
import { fetchAll, inSnapshot } from './read.ts';
import { selection, timeAs, type SelectedRow, type TimeSpan } from './selection.ts';

export interface StoredHistoryOptions {
  /** The tags, in the order in which readings list them. A tag without a stored row becomes a missing measurement. */
  readonly tags: readonly string[];
  /** Start of the span of readings (inclusive), ms since the epoch. Default: the first stored reading. */
  readonly since?: number | undefined;
  /** End of the span of readings (exclusive), ms since the epoch. */
  readonly until?: number | undefined;
}

export type HistoryRecord =
  | { readonly topic: 'qualityLabels'; readonly value: QualityLabel }
  | { readonly topic: 'mesEvents'; readonly value: MesEvent }
  | { readonly topic: 'validatedReadings'; readonly value: ValidatedReading };

/**
 * Reads all labels, all events, then the readings by event time, from one snapshot with a cursor.
 * @throws CastwatchError DATABASE_UNAVAILABLE or DATABASE_REFUSED
 */
export async function* storedHistory(
  pool: Pool,
  options: StoredHistoryOptions,
): AsyncGenerator<readonly HistoryRecord[], void, undefined> {
  try {
    yield* inSnapshot(pool, (client) => readAll(client, options));
  } catch (error) {
    throw databaseError('the history cannot be read', error);
  }
}

async function* readAll(
  client: PoolClient,
  options: StoredHistoryOptions,
): AsyncGenerator<readonly HistoryRecord[], void, undefined> {
  for await (const rows of fetchAll<SelectedRow<typeof labels>>(client, selectLabels))
    yield rows.map((value) => ({ topic: 'qualityLabels', value }));
  for await (const rows of fetchAll<SelectedRow<typeof events>>(client, selectEvents))
    yield rows.map((value) => ({ topic: 'mesEvents', value }));
  const measurementsOf = inOrderOf(options.tags);
  for await (const rows of fetchAll<StoredReading>(client, selectReadings(options)))
    yield rows.map(({ tags, values, qualities, treatments, reasons, ...head }) => ({
      topic: 'validatedReadings',
      value: { ...head, measurements: measurementsOf({ tags, values, qualities, treatments, reasons }) },
    }));
}

/** Returns first and last event time of the requested readings, ms since the epoch; undefined when there are none. */
export async function storedSpan(pool: Pool, options: StoredHistoryOptions): Promise<TimeSpan | undefined> {
  try {
    const { rows } = await pool.query<{ from: number | null; to: number | null }>(
      `SELECT ${timeAs('min(event_time)', 'from')}, ${timeAs('max(event_time)', 'to')}
         FROM castwatch.validated_readings WHERE ${within(options)}`,
    );
    const { from, to } = rows[0] ?? {};
    return typeof from === 'number' && typeof to === 'number' ? { from, to } : undefined;
  } catch (error) {
    throw databaseError('the history cannot be read', error);
  }
}

type ValidatedRow = RowOf<typeof validatedReadingsTable>;

/** The values of the rows of one reading, collected in arrays. */
interface Columns {
  readonly tags: readonly ValidatedRow['tag'][];
  readonly values: readonly ValidatedRow['value'][];
  readonly qualities: readonly ValidatedRow['quality'][];
  readonly treatments: readonly ValidatedRow['treatment'][];
  readonly reasons: readonly ValidatedRow['reason'][];
}

type StoredReading = Omit<ValidatedReading, 'measurements'> & Columns;

const labels = selection(qualityLabelsTable);
const selectLabels = labels.sql(
  'FROM castwatch.quality_labels ORDER BY event_time, asset COLLATE "C", found_at, source COLLATE "C"',
);

const events = selection(mesEventsTable);
const selectEvents = events.sql(
  'FROM castwatch.mes_events ORDER BY event_time, asset COLLATE "C", sequence, source COLLATE "C"',
);

const selectReadings = (options: StoredHistoryOptions): string => `
  SELECT asset, ${timeAs('event_time', 'eventTime')}, source, sequence::double precision AS sequence,
         min(completeness) AS completeness, bool_or(out_of_order) AS "outOfOrder", array_agg(tag) AS tags,
         array_agg(value) AS values, array_agg(quality) AS qualities, array_agg(treatment) AS treatments,
         array_agg(reason) AS reasons
    FROM castwatch.validated_readings WHERE ${within(options)}
   GROUP BY event_time, asset, sequence, source
   ORDER BY event_time, asset COLLATE "C", sequence, source COLLATE "C"`;

/** The numbers are put into the SQL text, because a cursor takes no parameters. They do not come from users. */
const within = ({ since, until }: StoredHistoryOptions): string =>
  [
    since === undefined ? 'true' : `event_time >= to_timestamp(${since} / 1000.0)`,
    until === undefined ? 'true' : `event_time < to_timestamp(${until} / 1000.0)`,
  ].join(' AND ');

/** The measurement of a tag without a row, for example a tag that was added to the definition later. */
const absent = { value: null, quality: 'BAD', treatment: 'MISSING', reason: 'ABSENT' } as const;

function inOrderOf(tags: readonly string[]): (columns: Columns) => readonly ValidatedMeasurement[] {
  const placeOf = new Map(tags.map((tag, place) => [tag, place]));
  const missing = tags.map((tag) => ({ tag, ...absent }));
  return (columns) => {
    const measurements: ValidatedMeasurement[] = [...missing];
    columns.tags.forEach((tag, index) => {
      const place = placeOf.get(tag);
      const [quality, treatment] = [columns.qualities[index], columns.treatments[index]];
      if (place === undefined || quality === undefined || treatment === undefined) return;
      const [value = null, reason = null] = [columns.values[index], columns.reasons[index]];
      measurements[place] = { tag, value, quality, treatment, reason };
    });
    return measurements;
  };
}
