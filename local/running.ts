/** Where a running stack is, for programs beside the one that started it: a note in its data folder. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isLocked } from './lock.ts';

const note = z.object({
  kafkaBrokers: z.array(z.string()).optional(),
  registryUrl: z.string().optional(),
  /** With the password in it. */
  databaseUrl: z.string().optional(),
  /** Of the console, when it is served. */
  consoleUrl: z.string().optional(),
});

/** Of the parts that the stack itself runs; others have their addresses from the environment. */
export type RunningStack = z.infer<typeof note>;

export const lockOf = (dataDir: string): string => join(dataDir, 'lock.json');
const noteOf = (dataDir: string): string => join(dataDir, 'running.json');

/** Adds to what is noted. To be used by whoever has the lock. */
export async function noteRunning(dataDir: string, more: RunningStack): Promise<void> {
  const text = `${JSON.stringify({ ...(await readNote(dataDir)), ...more }, null, 2)}\n`;
  // Only for its owner, as a mode is given to new files alone.
  await forgetRunning(dataDir);
  await writeFile(noteOf(dataDir), text, { mode: 0o600 });
}

export function forgetRunning(dataDir: string): Promise<void> {
  return rm(noteOf(dataDir), { force: true });
}

/** Undefined when none runs on this folder, or is not up yet. */
export async function findRunning(dataDir: string): Promise<RunningStack | undefined> {
  return (await isLocked(lockOf(dataDir))) ? readNote(dataDir) : undefined;
}

/** Of all data folders below this one, by folder. */
export async function findAllRunning(parent: string): Promise<ReadonlyMap<string, RunningStack>> {
  const found = new Map<string, RunningStack>();
  for (const name of (await readdir(parent).catch(() => [])).sort()) {
    const stack = await findRunning(join(parent, name));
    if (stack !== undefined) found.set(join(parent, name), stack);
  }
  return found;
}

async function readNote(dataDir: string): Promise<RunningStack | undefined> {
  try {
    return note.parse(JSON.parse(await readFile(noteOf(dataDir), 'utf8')));
  } catch {
    return undefined; // not written yet, or spoilt: as good as none
  }
}
