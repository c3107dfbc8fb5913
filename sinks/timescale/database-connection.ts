/** Connects the sink to the database, and finds out the kind of server. */
import pg from 'pg';
import type { StreamLog } from '../../stream/index.ts';
import { CastwatchError } from '../../base/errors.ts';
import { failureOf, remedyFor } from './failures.ts';
import { lanes } from './writing/lanes.ts';

export type ServerKind = 'timescaledb' | 'plain';

/** ms. The sink's statements take far less; after this time a server counts as unreachable. */
export const statementTimeout = 60_000;

/**
 * s after which a connection is closed when it is not in use. The next one resolves the server's name again: a connection
 * for reading gets no error from a server that has become a standby.
 */
export const connectionLifetime = 300;

/** One for each writer, which stores one batch at a time, and one for claims. */
export const mostConnections = lanes.length + 1;

export interface SinkPoolOptions {
  readonly databaseUrl: string;
  readonly sink: string;
  readonly connections: number;
  readonly onError: (error: Error) => void;
}

export function sinkPool({ databaseUrl, sink, connections, onError }: SinkPoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: connections,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 0,
    maxLifetimeSeconds: connectionLifetime,
    keepAlive: true,
    query_timeout: statementTimeout,
    application_name: `castwatch-${sink}`,
  });
  // An idle connection has broken. The next use opens a new one and gets any further error itself.
  pool.on('error', onError);
  // A connection may break between two statements of a transaction, for example when the server ends an idle transaction.
  // The next statement gets the error. Without a listener the error would end the process.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}

export async function serverKind(database: pg.ClientBase | pg.Pool): Promise<ServerKind> {
  const { rowCount } = await database.query("SELECT FROM pg_extension WHERE extname = 'timescaledb'");
  return rowCount === 0 ? 'plain' : 'timescaledb';
}

/** Logs the kind of server and what that means. */
export function logServerKind(log: StreamLog, kind: ServerKind): void {
  if (kind === 'timescaledb')
    log.info(
      { kind },
      'the database has TimescaleDB: hypertables, compression, retention and continuous aggregates',
    );
  else
    log.warn(
      { kind },
      'the database has no TimescaleDB: the same tables and views in plain PostgreSQL, without compression, retention or continuous aggregates',
    );
}

/**
 * Turns a database error into a CastwatchError: DATABASE_REFUSED when the database answered with a refusal,
 * DATABASE_UNAVAILABLE when it did not answer.
 * @param doing what failed, as a clause for the message
 */
export function databaseError(doing: string, error: unknown): CastwatchError {
  const sqlState = error instanceof Error && 'code' in error ? String(error.code) : '';
  // Node's own codes (ECONNREFUSED …) are longer than SQLSTATE's five characters.
  const answered = /^[0-9A-Z]{5}$/.test(sqlState) && !/^(08|53|57)/.test(sqlState);
  return new CastwatchError(
    answered ? 'DATABASE_REFUSED' : 'DATABASE_UNAVAILABLE',
    `${doing}: ${failureOf(error).message}`,
    { cause: error, remedy: remedyFor(sqlState) },
  );
}
