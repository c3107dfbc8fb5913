/** Stops processes that an earlier run left: finds them by its records and identifies them by pid and start time. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isRunning, terminate, waitUntilGone } from './process-identity.ts';

const runRecord = z.object({
  name: z.string(),
  pid: z.number().int().positive(),
  started: z.string().min(1),
  stopSignal: z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT']),
});

/** A guard that is still stopping its parts needs at most this long. */
const guardTimeoutMs = 45_000;

/** @returns the names of the parts that had to be stopped. */
export async function stopLeftovers(runFolder: string): Promise<string[]> {
  const records = await readRecords(runFolder);
  const guard = records.find((record) => record.name === 'guard');
  if (guard !== undefined && !(await waitUntilGone(guard, guardTimeoutMs)))
    await terminate(guard, 'SIGKILL', 0);

  const stopped: string[] = [];
  for (const record of records) {
    if (await isRunning(record)) {
      await terminate(record, record.stopSignal, 15_000);
      stopped.push(record.name);
    }
    await rm(join(runFolder, `${record.name}.json`), { force: true });
  }
  return stopped;
}

async function readRecords(runFolder: string): Promise<z.infer<typeof runRecord>[]> {
  const files = (await readdir(runFolder)).filter((file) => file.endsWith('.json'));
  const parsed = await Promise.all(
    files.map(async (file) => {
      const result = runRecord.safeParse(await readJson(join(runFolder, file)));
      return result.success ? [result.data] : [];
    }),
  );
  return parsed.flat();
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined; // its writer was killed while writing: names no process
  }
}
