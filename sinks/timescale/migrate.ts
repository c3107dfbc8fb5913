/** Migrates a database to this version: tables, then the server's features for time series, then roles. */
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { silentLog, type StreamLog } from '../../stream/index.ts';
import { schema } from './sql.ts';
import { databaseError, logServerKind, serverKind, type ServerKind } from './database-connection.ts';
import { storeDefinition } from './definitions.ts';
import { grantRoles } from './database-roles.ts';

/** The advisory lock of a migration; a second migration waits for it. */
const lockKey = 4_871_203_119;

export interface MigrateOptions {
  /** The URL of a user that may create tables, and also extensions and roles if they are needed. */
  readonly databaseUrl: string;
  readonly log?: StreamLog;
  /** Process definitions whose tags and features are stored by name. */
  readonly definitions?: readonly ProcessDefinition[];
}

export interface Migrated {
  readonly kind: ServerKind;
  /** Names of the migrations that were run; empty when the database was up to date. */
  readonly applied: readonly string[];
  /** False when the user may not create roles. Everything else works without them. */
  readonly roles: boolean;
}

/**
 * Migrates the database. It is idempotent, and several instances may run it at the same time.
 * @throws CastwatchError DATABASE_UNAVAILABLE or DATABASE_REFUSED
 */
export async function migrate({
  databaseUrl,
  log = silentLog,
  definitions = [],
}: MigrateOptions): Promise<Migrated> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
    application_name: 'castwatch-migrate',
  });
  // When the connection breaks, the running query rejects.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`SELECT pg_advisory_lock(${lockKey})`);
    const migrated = await migrateLocked(client, log);
    for (const definition of definitions) await storeDefinition(client, definition);
    return migrated;
  } catch (error) {
    throw databaseError('the database cannot be migrated', error);
  } finally {
    // This also releases the lock.
    await client.end().catch(() => undefined);
  }
}

async function migrateLocked(client: pg.Client, log: StreamLog): Promise<Migrated> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await createExtension(client, log);
  const kind = await serverKind(client);
  logServerKind(log, kind);
  const applied = [...(await run(client, 'tables', log)), ...(await run(client, kind, log))];
  const roles = await grantRoles(client, log);
  log.info(
    { applied, roles },
    applied.length === 0 ? 'the database is up to date' : 'the database was migrated',
  );
  return { kind, applied, roles };
}

/**
 * Creates the extension in a new database, in schema public: readers need its functions, TimescaleDB's restore expects it
 * outside of the data's schema, and it cannot be moved later. An existing plain database has its own `time_bucket`, which
 * would conflict.
 */
async function createExtension(client: pg.Client, log: StreamLog): Promise<void> {
  const { rows } = await client.query<{ missing: boolean; isNew: boolean; isOurs: boolean }>(`
    SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb' AND installed_version IS NULL) AS missing,
           to_regclass('${schema}.sink_offsets') IS NULL AS "isNew",
           EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb' AND extnamespace = '${schema}'::regnamespace) AS "isOurs"`);
  const [state] = rows;
  if (state?.isOurs === true)
    log.warn(
      {},
      `TimescaleDB lies in the schema ${schema}, where readers do not find its functions and a restore loses the aggregates; create a new database and copy the tables`,
    );
  if (state?.missing !== true) return;
  if (!state.isNew) {
    log.warn(
      {},
      'the server has TimescaleDB, but this database was created without it; to use it, create a new database and copy the tables',
    );
    return;
  }
  try {
    await client.query('CREATE EXTENSION timescaledb SCHEMA public');
  } catch (error) {
    log.warn(
      { err: error },
      'the server has TimescaleDB, but this user may not create the extension; the migration continues without it',
    );
  }
}

async function run(client: pg.Client, folder: string, log: StreamLog): Promise<string[]> {
  const applied = await runner({
    dbClient: client,
    dir: fileURLToPath(new URL(`migrations/${folder}`, import.meta.url)),
    direction: 'up',
    migrationsSchema: schema,
    migrationsTable: `migrations_${folder}`,
    singleTransaction: true,
    noLock: true,
    logger: {
      info: () => undefined,
      warn: (message) => {
        log.warn({}, message);
      },
      error: (message) => {
        log.error({}, message);
      },
    },
  });
  return applied.map(({ name }) => `${folder}/${name}`);
}
