/** Gives sources the readings stored in the database: implements the port in `sources/kept/` with the sink's queries. */
import type { Pool } from 'pg';
import { storedHistory, storedSpan } from '../sinks/timescale/queries/history.ts';
import type { StoredReadings } from '../sources/kept/database.ts';

export const storedReadings = (pool: Pool): StoredReadings => ({
  span: (query) => storedSpan(pool, query),
  history: (query) => storedHistory(pool, query),
});
