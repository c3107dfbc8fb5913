/** Servers of a PostgreSQL that is installed on this machine, with all its programs; the local stack's has no pg_dump. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withPool } from '../sinks/support/databases.ts';
import { freePort } from './free-port.ts';
import { waitFor } from './wait.ts';

const run = promisify(execFile);

/** The folder of the programs, and whether TimescaleDB is installed with them. */
export interface InstalledPostgres {
  readonly bin: string;
  readonly timescaledb: boolean;
}

const programs = ['postgres', 'initdb', 'pg_dump', 'pg_restore', 'createdb', 'psql', 'pg_config'];

/** POSTGRES_BIN, else the usual places of Debian, Red Hat and Homebrew. */
async function findInstalled(): Promise<readonly InstalledPostgres[]> {
  const given = process.env['POSTGRES_BIN'];
  const usual = ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/opt/homebrew/opt/postgresql@*/bin'];
  const folders = [...(given === undefined ? [] : [given]), ...globSync(usual).sort().reverse()];
  const complete = folders.filter((bin) => programs.every((name) => existsSync(join(bin, name))));
  return Promise.all(
    complete.map(async (bin) => {
      const { stdout } = await run(join(bin, 'pg_config'), ['--sharedir']);
      return { bin, timescaledb: existsSync(join(stdout.trim(), 'extension/timescaledb.control')) };
    }),
  );
}

/** For `before`: skips the suite, saying why, when there is none. */
export async function installedPostgres(
  context: Mocha.Context,
  timescaledb: boolean,
): Promise<InstalledPostgres> {
  const found = (await findInstalled()).find((each) => each.timescaledb === timescaledb);
  if (found !== undefined) return found;
  const what = timescaledb ? 'no PostgreSQL with TimescaleDB' : 'no PostgreSQL with pg_dump';
  process.stdout.write(`    ${what} found: install one or name its folder bin by POSTGRES_BIN\n`);
  return context.skip();
}

export interface InstalledServer {
  /** Of the database castwatch, which does not exist at first. */
  readonly databaseUrl: string;
  /** What PostgreSQL's programs need to reach it. */
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** Starts a new, empty server. Everybody on this machine may connect to it. */
export async function startInstalled({ bin, timescaledb }: InstalledPostgres): Promise<InstalledServer> {
  const folder = await mkdtemp(join(tmpdir(), 'castwatch-installed-'));
  const owner = await ownerOfServers();
  const data = join(folder, 'data');
  await mkdir(data);
  if (owner !== undefined) for (const path of [folder, data]) await chown(path, owner.uid, owner.gid);
  const asOwner = { ...owner, cwd: folder };
  const flags = ['--auth=trust', '--username=castwatch', '--encoding=UTF8', '--locale=C', '--no-sync'];
  await run(join(bin, 'initdb'), [`--pgdata=${data}`, ...flags], asOwner);
  const port = await freePort();
  const settings = {
    ...{ listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', timezone: 'UTC' },
    ...(timescaledb ? { shared_preload_libraries: 'timescaledb', 'timescaledb.telemetry_level': 'off' } : {}),
  };
  const server = spawn(
    join(bin, 'postgres'),
    [
      '-D',
      data,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    { ...asOwner, stdio: 'ignore' },
  );
  const ended = once(server, 'exit');
  const url = (database: string): string =>
    `postgres://castwatch@127.0.0.1:${port}/${database}?sslmode=disable`;
  const answers = (): Promise<unknown> => withPool(url('postgres'), (pool) => pool.query('SELECT 1'));
  await waitFor(async () => Boolean(await answers()), 'the installed PostgreSQL', 30_000);
  return {
    databaseUrl: url('castwatch'),
    env: {
      ...process.env,
      ...{ PATH: `${bin}:${process.env['PATH'] ?? ''}`, DATABASE_URL: url('castwatch') },
      ...{ PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'castwatch' },
    },
    async stop() {
      server.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
async function ownerOfServers(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string): Promise<number> => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}
