/** Finds the folders of bundles, and checks that a folder contains the bundle that a registry entry means. */
import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ModelEntry } from '../../schemas/generated/types.ts';
import { CastwatchError } from '../../base/errors.ts';
import { loadBundle, type Bundle } from './bundle.ts';
import { bundlesFolder } from './champion-file.ts';
import { checkBundleFits, type RowShape } from './row-shape.ts';
import { sha256 } from './manifest.ts';

/** Folders that a location may be relative to: first the installation's folder, then that of the shipped bundles. */
export const bundleRoots = (root: string): readonly string[] => [...new Set([resolve(root), bundlesFolder])];

/** The location of a folder: relative where it is below a root, so that it is valid on every machine. */
export function locationOf(folder: string, root: string): string {
  const absolute = resolve(folder);
  const home = bundleRoots(root).find((each) => absolute.startsWith(each + sep));
  return home === undefined ? absolute : relative(home, absolute).split(sep).join('/');
}

/** The fields of a registry entry that describe a bundle. */
export const describeBundle = (bundle: Bundle, root: string) => ({
  bundle: bundle.manifest.bundle,
  checksum: checksumOf(bundle.folder),
  featureSet: bundle.manifest.featureSet,
  location: locationOf(bundle.folder, root),
});

/** @throws CastwatchError MODEL when the bundle is not there, or is not the one that the entry means */
export function loadEntry(entry: Pick<ModelEntry, 'bundle' | 'checksum' | 'location'>, root: string): Bundle {
  const bundle = loadBundle(findFolder(entry.location, root));
  const { folder, manifest } = bundle;
  if (manifest.bundle === entry.bundle && checksumOf(folder) === entry.checksum) return bundle;
  throw new CastwatchError(
    'MODEL',
    `${folder} contains ${manifest.bundle}; the registered ${entry.bundle} has another checksum of its manifest`,
    { remedy: 'Restore the folder, or promote another bundle.' },
  );
}

/** A bundle that is not loaded yet. The thread that will run it reads it. */
export interface NamedBundle {
  readonly entry: Pick<ModelEntry, 'bundle' | 'checksum' | 'location'>;
  /** Folder of all bundles. */
  readonly root: string;
  /** The rows to predict. */
  readonly rows: RowShape;
}

/** @throws CastwatchError MODEL as {@link loadEntry} and {@link checkBundleFits} */
export function loadNamed({ entry, root, rows }: NamedBundle): Bundle {
  const bundle = loadEntry(entry, root);
  checkBundleFits(bundle, rows);
  return bundle;
}

function findFolder(location: string, root: string): string {
  if (isAbsolute(location)) return location;
  const candidates = bundleRoots(root).map((each) => join(each, location));
  return candidates.find(hasManifest) ?? candidates[0] ?? location;
}

export function hasManifest(folder: string): boolean {
  try {
    readFileSync(join(folder, 'manifest.json'));
    return true;
  } catch {
    return false;
  }
}

const checksumOf = (folder: string): string => sha256(readFileSync(join(folder, 'manifest.json')));
