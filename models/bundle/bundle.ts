/** Reads and writes bundles. A bundle is a folder that never changes; its manifest has the SHA-256 of every file. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseBundleFile, readBundleFile, refusedBundle } from './bundle-files.ts';
import { bundleId, manifestSchema, sha256, type Manifest } from './manifest.ts';
import { referenceSchema, type Reference } from '../../processors/reference/reference.ts';
import { forestSchema, type Forest } from '../learners/trees/forest.ts';

export interface Bundle {
  readonly folder: string;
  readonly manifest: Manifest;
  /**
   * The JSON of the trees, parsed by {@link readForest}. Parsed trees are many times larger, so they are parsed on
   * demand.
   */
  readonly forest: Uint8Array;
  /** The members' ONNX files by file name. */
  readonly models: Readonly<Record<string, Uint8Array>>;
  /** Undefined in bundles that are older than drift detection. */
  readonly reference?: Reference;
}

/**
 * @throws CastwatchError MODEL when a file is missing or altered, when the manifest names a file without a checksum, or
 * when the manifest's contents do not match its id
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
      `manifest.json was altered: its contents do not match the id ${manifest.bundle}`,
    );
  }
  for (const [file, expected] of Object.entries(manifest.files)) {
    if (sha256(readBundleFile(folder, file)) !== expected) {
      throw refusedBundle(folder, `${file} was altered: its SHA-256 is not the one in the manifest`);
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
    throw refusedBundle(folder, `the manifest names ${missing} but has no checksum of it`);

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
 * Parses the trees, which the reasons of answers are computed from.
 * @throws CastwatchError MODEL when the file is invalid, or its number of features is not that of the manifest
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

/**
 * Writes the files and a manifest into a folder below `parent`, which has the bundle's id as its name. It does this
 * in one step: a reader sees the complete bundle or none.
 * @returns the folder
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
