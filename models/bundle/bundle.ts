/** Reading and writing bundles: a folder that never changes, with a manifest that vouches for every file in it. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CastwatchError } from '../../base/errors.ts';
import { parseBundleFile, readBundleFile, refusedBundle } from './bundle-files.ts';
import { bundleId, manifestSchema, sha256, type Manifest } from './manifest.ts';
import { referenceSchema, type Reference } from '../../processors/reference/reference.ts';
import { forestSchema, type Forest } from '../learners/trees/forest.ts';

export interface Bundle {
  readonly folder: string;
  readonly manifest: Manifest;
  /** The trees' JSON, read by {@link readForest}: objects are many times its size, and whoever serves needs none. */
  readonly forest: Uint8Array;
  /** The members' ONNX files by file name. */
  readonly models: Readonly<Record<string, Uint8Array>>;
  /** Undefined in bundles from before there was drift. */
  readonly reference?: Reference;
}

/**
 * @throws CastwatchError MODEL when a file is missing, altered or surplus to the manifest, or when the manifest
 * does not follow its own id.
 */
export function loadBundle(folder: string): Bundle {
  const manifest = parseBundleFile(
    manifestSchema,
    folder,
    'manifest.json',
    readBundleFile(folder, 'manifest.json'),
  );
  if (bundleId(manifest) !== manifest.bundle) {
    throw refusedBundle(
      folder,
      `manifest.json was altered: its contents are not those of ${manifest.bundle}`,
    );
  }
  for (const [file, expected] of Object.entries(manifest.files)) {
    if (sha256(readBundleFile(folder, file)) !== expected) {
      throw refusedBundle(folder, `${file} is not the file that the manifest vouches for (SHA-256 differs)`);
    }
  }
  const { reference } = manifest;
  const needed = [
    manifest.forest,
    ...(reference === undefined ? [] : [reference]),
    ...manifest.members.map(({ file }) => file),
  ];
  const missing = needed.find((file) => !(file in manifest.files));
  if (missing !== undefined)
    throw refusedBundle(folder, `the manifest names ${missing} but does not vouch for it`);

  return {
    folder,
    manifest,
    forest: readBundleFile(folder, manifest.forest),
    models: Object.fromEntries(manifest.members.map(({ file }) => [file, readBundleFile(folder, file)])),
    ...(reference !== undefined && {
      reference: parseBundleFile(referenceSchema, folder, reference, readBundleFile(folder, reference)),
    }),
  };
}

/**
 * The trees, for reasons.
 * @throws CastwatchError MODEL when the file is not what it should be, or takes other features than the manifest names
 */
export function readForest({ folder, manifest, forest: content }: Bundle): Forest {
  const forest = parseBundleFile(forestSchema, folder, manifest.forest, content);
  if (forest.features !== manifest.features.length) {
    throw refusedBundle(
      folder,
      `the forest takes ${forest.features} features and the manifest names ${manifest.features.length}`,
    );
  }
  return forest;
}

/** What rows are made of. */
export interface RowShape {
  readonly process: string;
  readonly featureSet: string;
  /** For the message, where they are at hand. */
  readonly featureNames?: readonly string[];
}

/** @throws CastwatchError MODEL when such rows are not what the bundle was trained on. */
export function checkBundleFits({ manifest }: Bundle, here: RowShape): void {
  if (manifest.process === here.process && manifest.featureSet === here.featureSet) return;
  const differs =
    manifest.process === here.process && here.featureNames !== undefined
      ? `: ${differenceOf(
          manifest.features.map(({ name }) => name),
          here.featureNames,
        )}`
      : '';
  throw new CastwatchError(
    'MODEL',
    `${manifest.bundle} was trained for ${manifest.process}, feature set ${manifest.featureSet}; here it is ${here.process}, feature set ${here.featureSet}${differs}`,
    { remedy: 'Train a bundle for this process definition: `npm run train -- --process FILE`.' },
  );
}

function differenceOf(there: readonly string[], here: readonly string[]): string {
  const gone = there.filter((name) => !here.includes(name));
  const added = here.filter((name) => !there.includes(name));
  const parts = [
    ...(gone.length === 0
      ? []
      : [`it was trained with ${someOf(gone)}, which the definition no longer gives`]),
    ...(added.length === 0 ? [] : [`the definition gives ${someOf(added)}, which it does not know`]),
  ];
  if (parts.length > 0) return parts.join('; ');
  return 'features have the same names, but the period, a window, the hop, a normal band, a required tag or the sequence has changed';
}

const someOf = (names: readonly string[]): string =>
  names.length <= 3
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more features`;

/**
 * Writes the files and a manifest into a folder named after the bundle below `parent`, in one step: a reader sees
 * the whole bundle or none.
 * @returns the folder.
 */
export function writeBundle(
  parent: string,
  contents: Omit<Manifest, 'bundle' | 'files'>,
  files: Readonly<Record<string, Uint8Array | string>>,
): string {
  const sums = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, sha256(content)]));
  const unnamed = { ...contents, files: sums };
  const manifest: Manifest = manifestSchema.parse({ ...unnamed, bundle: bundleId(unnamed) });
  const folder = join(parent, manifest.bundle);
  const draft = join(parent, `.${manifest.bundle}.${process.pid}`);
  mkdirSync(draft, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(draft, name), content);
  writeFileSync(join(draft, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
  return folder;
}
