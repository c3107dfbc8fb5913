/** Finds the bundles in the folders of a process. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { manifestSchema } from './manifest.ts';
import { bundleRoots, hasManifest } from './places.ts';

export interface FoundBundle {
  readonly bundle: string;
  readonly folder: string;
  /** The time span that it was trained on; empty when its manifest is damaged. */
  readonly trained: string;
}

/** Lists each bundle once, ordered by the name of its folder, which is the bundle's id. */
export function listBundles(process: string, root: string): readonly FoundBundle[] {
  const found = new Map<string, FoundBundle>();
  for (const home of bundleRoots(root))
    for (const bundle of folders(join(home, process))) {
      const folder = join(home, process, bundle);
      if (hasManifest(folder) && !found.has(bundle))
        found.set(bundle, { bundle, folder, trained: trainedOn(folder) });
    }
  return [...found.values()].sort((a, b) => (a.bundle < b.bundle ? -1 : 1));
}

function folders(parent: string): readonly string[] {
  try {
    return readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function trainedOn(folder: string): string {
  try {
    const text: unknown = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    const { from, until } = manifestSchema.parse(text).training;
    return `${from} to ${until}`;
  } catch {
    return '';
  }
}
