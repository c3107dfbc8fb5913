/** Bundles that differ from a shipped one in their threshold alone, and so in their id: real models, no training. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadBundle, writeBundle, type Bundle } from '../../models/bundle/bundle.ts';
import { loadChampion } from '../../models/bundle/champion-file.ts';

/** @returns the bundle, in a folder of its own below `root/<process>` */
export function makeVariant(process: string, root: string, threshold: number): Bundle {
  const { folder, manifest } = loadChampion(process);
  const files = Object.keys(manifest.files).map((file) => [file, readFileSync(join(folder, file))] as const);
  const changed = { ...manifest, threshold: { ...manifest.threshold, value: threshold } };
  return loadBundle(writeBundle(join(root, process), changed, Object.fromEntries(files)));
}
