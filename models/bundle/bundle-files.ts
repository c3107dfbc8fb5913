/** Reads the files of a bundle's folder. Its errors say what to do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CastwatchError } from '../../base/errors.ts';

export function readBundleFile(folder: string, file: string): Buffer {
  try {
    return readFileSync(join(folder, file));
  } catch (cause) {
    throw refusedBundle(folder, `${file} cannot be read`, cause);
  }
}

export function parseBundleFile<T>(
  schema: z.ZodType<T>,
  folder: string,
  file: string,
  content: Uint8Array,
): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(content)));
  } catch (cause) {
    const first = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    const where = first === undefined ? 'it is not JSON' : `${first.path.join('.')}: ${first.message}`;
    throw refusedBundle(folder, `${file} is invalid (${where})`, cause);
  }
}

export function refusedBundle(folder: string, why: string, cause?: unknown): CastwatchError {
  return new CastwatchError('MODEL', `bundle ${folder}: ${why}`, {
    cause,
    remedy: 'Restore the folder from version control, or train again: `npm run train -- --process FILE`.',
  });
}
