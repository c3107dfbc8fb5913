/** Stores the position of a live source in a file. The position survives `kill -9` and a power failure. */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { CastwatchError } from '../base/errors.ts';

/**
 * Names the file of one source.
 * @param folder the folder of the positions of this installation and process
 * @param kind the kind of source
 * @param outside what the source listens to, in full, such as an absolute path
 */
export function positionFileOf(folder: string, kind: string, outside: string): string {
  const key = createHash('sha256').update(outside).digest('hex').slice(0, 16);
  return join(folder, `${kind}-${key}.json`);
}

/** Reads the position; undefined when none was stored yet. @throws CastwatchError ENVIRONMENT when it cannot be read */
export async function readPosition<T>(path: string, shape: z.ZodType<T>): Promise<T | undefined> {
  try {
    return shape.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new CastwatchError('ENVIRONMENT', `The position in ${path} cannot be read.`, {
      cause,
      remedy:
        'Delete the file: the source then reads its input from the beginning, and validation refuses repeats as duplicates.',
    });
  }
}

/** Writes the position; resolves when it is on the disk. @throws CastwatchError ENVIRONMENT when it cannot be written */
export async function keepPosition(path: string, position: object): Promise<void> {
  try {
    const folder = dirname(path);
    await mkdir(folder, { recursive: true });
    const fresh = `${path}.new`;
    await using file = await open(fresh, 'w');
    await file.writeFile(`${JSON.stringify(position)}\n`);
    await file.sync();
    await rename(fresh, path);
    await using entry = await open(folder, 'r');
    await entry.sync();
  } catch (cause) {
    throw new CastwatchError('ENVIRONMENT', `The position cannot be written to ${path}.`, {
      cause,
      remedy: 'Free disk space, or give this user write access. CASTWATCH_DATA_DIR names the folder.',
    });
  }
}
