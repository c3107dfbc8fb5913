/** A note in the data folder says how to reach a running stack. Commands in other terminals read it. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isLocked } from './lock.ts';

const note = z.object({
  kafkaBrokers: z.array(z.string()).optional(),
  registryUrl: z.string().optional(),
  /** Contains the password. */
  databaseUrl: z.string().optional(),
  /** Set when a console is served. */
  consoleUrl: z.string().optional(),
});

/** The addresses of the parts that the stack itself runs. Those of other servers come from the environment. */
export type RunningStack = z.infer<typeof note>;

export const lockOf = (dataDir: string): string => join(dataDir, 'lock.json');
const noteOf = (dataDir: string): string => join(dataDir, 'running.json');

/** Adds addresses to the note. Only the holder of the lock may call it. */
export async function noteRunning(dataDir: string, more: RunningStack): Promise<void> {
  const text = `${JSON.stringify({ ...(await readNote(dataDir)), ...more }, null, 2)}\n`;
  // Removes the old file first: the mode, readable by the owner only, applies to new files alone.
  await forgetRunning(dataDir);
  await writeFile(noteOf(dataDir), text, { mode: 0o600 });
}

export function forgetRunning(dataDir: string): Promise<void> {
  return rm(noteOf(dataDir), { force: true });
}

/** Returns undefined when no stack runs on this folder, or when it is not up yet. */
export async function findRunning(dataDir: string): Promise<RunningStack | undefined> {
  return (await isLocked(lockOf(dataDir))) ? readNote(dataDir) : undefined;
}

/** Returns the running stacks of all data folders in `parent`, by folder. */
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
    return undefined; // not written yet, or damaged: counts as absent
  }
}
