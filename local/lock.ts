/** Allows one running stack per data folder. The lock names its holder, so the lock of a dead holder has no effect. */
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { CastwatchError } from '../base/errors.ts';
import { identify, isRunning } from './guard/process-identity.ts';

const holder = z.object({ pid: z.number().int(), started: z.string(), since: z.string() });
type Holder = z.infer<typeof holder>;

/**
 * @param where text after "Use that one": where to reach the holder
 * @returns a function that releases the lock
 * @throws CastwatchError ENVIRONMENT while another process has the lock
 */
export async function acquireLock(file: string, what: string, where = ''): Promise<() => Promise<void>> {
  const self = await identify(process.pid);
  const mine: Holder = { pid: process.pid, started: self?.started ?? '', since: new Date().toISOString() };
  const draft = `${file}.${String(process.pid)}`;
  await writeFile(draft, JSON.stringify(mine));
  try {
    // A hard link appears with all of its content, or not at all.
    while (!(await linked(draft, file))) {
      const other = await readHolder(file);
      if (other !== undefined && (await isRunning(other))) throw alreadyRunning(file, what, other, where);
      await removeStale(file, other);
    }
  } finally {
    await rm(draft, { force: true });
  }
  return async () => {
    if ((await readHolder(file))?.started === mine.started) await rm(file, { force: true });
  };
}

/** @throws CastwatchError ENVIRONMENT while a process has the lock; `where` as for `acquireLock` */
export async function requireUnlocked(file: string, what: string, where = ''): Promise<void> {
  const other = await readHolder(file);
  if (other !== undefined && (await isRunning(other))) throw alreadyRunning(file, what, other, where);
}

export async function isLocked(file: string): Promise<boolean> {
  const other = await readHolder(file);
  return other !== undefined && (await isRunning(other));
}

function alreadyRunning(file: string, what: string, other: Holder, where: string): CastwatchError {
  return new CastwatchError(
    'ENVIRONMENT',
    `${what} is already running: process ${String(other.pid)}, since ${other.since} (lock ${file}).`,
    { remedy: `Use that one${where}, or stop it first with Ctrl-C in its terminal.` },
  );
}

async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return holder.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined; // gone or unreadable: no process has it
  }
}

/** Removes a dead holder's lock. When two processes try at once, one moves it and the other finds nothing. */
async function removeStale(file: string, dead: Holder | undefined): Promise<void> {
  const aside = `${file}.stale-${String(process.pid)}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const moved = await readHolder(aside);
  // A live process took the lock in between: put it back (fails harmlessly if there is a new one).
  if (moved !== undefined && moved.started !== dead?.started) await linked(aside, file);
  await rm(aside, { force: true });
}
