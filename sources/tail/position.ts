/** Stores how far a file was read, in a separate file. The position survives `kill -9` and a power failure. */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { CastwatchError } from '../../base/errors.ts';

const shape = z.strictObject({
  /** The path of the followed file, for people. */
  file: z.string(),
  /** Identifies the file when another one has its name now; a decimal number. */
  inode: z.string(),
  /** The byte after the last line that Kafka has acknowledged. */
  offset: z.int().min(0),
  /** Number of lines before that byte. */
  line: z.int().min(0),
  /** A digest of the beginning of the file, to notice that the file was truncated and written again. */
  head: z.strictObject({ bytes: z.int().min(0), sha256: z.string() }),
});

export type TailPosition = z.output<typeof shape>;

/** Reads the position; undefined when none was stored yet. @throws CastwatchError ENVIRONMENT when it cannot be read */
export async function readPosition(path: string): Promise<TailPosition | undefined> {
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
export async function keepPosition(path: string, position: TailPosition): Promise<void> {
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
