/** Reads and writes `champion.json`, which names the bundle that a process begins with. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CastwatchError } from '../../base/errors.ts';
import { parseBundleFile, readBundleFile } from './bundle-files.ts';
import { loadBundle, type Bundle } from './bundle.ts';

/** The contents of `champion.json`. `by`, `why` and `at` record a promotion while nothing was running. */
const defaultSchema = z.strictObject({
  bundle: z.string(),
  by: z.string().optional(),
  why: z.string().optional(),
  at: z.iso.datetime().optional(),
});

export type DefaultChampion = z.infer<typeof defaultSchema>;

/** The folder of the shipped bundles. */
export const bundlesFolder = join(import.meta.dirname, '../bundles');

/**
 * Reads `champion.json`; undefined when there is none.
 * @throws CastwatchError MODEL when the file is invalid
 */
export function readDefault(process: string, root: string = bundlesFolder): DefaultChampion | undefined {
  if (!hasChampion(process, root)) return undefined;
  const folder = join(root, process);
  return parseBundleFile(defaultSchema, folder, 'champion.json', readBundleFile(folder, 'champion.json'));
}

/**
 * Loads the bundle that `champion.json` names.
 * @throws CastwatchError MODEL when there is none, or as {@link loadBundle}
 */
export function loadChampion(process: string, root: string = bundlesFolder): Bundle {
  const champion = readDefault(process, root);
  if (champion === undefined)
    throw new CastwatchError(
      'MODEL',
      `${process} has no champion: there is no ${join(root, process, 'champion.json')}`,
      {
        remedy: 'Name a bundle with --bundle, or train one with --promote.',
      },
    );
  return loadBundle(join(root, process, champion.bundle));
}

/** Whether the process has a `champion.json`. */
export function hasChampion(process: string, root: string = bundlesFolder): boolean {
  try {
    return readdirSync(join(root, process)).includes('champion.json');
  } catch {
    return false;
  }
}

/** Names `bundle`, a folder below `folder`, as the one that its process begins with. */
export function writeChampion(
  folder: string,
  bundle: string,
  decision: Omit<DefaultChampion, 'bundle'> = {},
): void {
  writeFileSync(join(folder, 'champion.json'), `${JSON.stringify({ bundle, ...decision })}\n`);
}
