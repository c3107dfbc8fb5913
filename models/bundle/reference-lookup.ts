/** The references of a process's bundles, looked up by the bundle's id as drift meets it. */
import { join } from 'node:path';
import type { Reference, ReferenceOf } from '../../processors/reference/reference.ts';
import { CastwatchError } from '../../base/errors.ts';
import { loadBundle } from './bundle.ts';
import { bundlesFolder } from './champion-file.ts';
import { bundleRoots, hasManifest } from './places.ts';

/**
 * Of the bundles below `root` and of those that come with the project. Bundles never change, so each is looked at once, also one that is not there or damaged: that is told once.
 * @param onRefused told why a bundle has none to give
 */
export function referencesOf(
  process: string,
  onRefused: (bundle: string, why: string) => void = () => undefined,
  root: string = bundlesFolder,
): ReferenceOf {
  const known = new Map<string, Reference | undefined>();
  return (bundle) => {
    if (known.has(bundle)) return known.get(bundle);
    let reference: Reference | undefined;
    try {
      reference = loadBundle(folderOf(process, bundle, root)).reference;
    } catch (error) {
      if (!(error instanceof CastwatchError)) throw error;
      onRefused(bundle, error.message);
    }
    known.set(bundle, reference);
    return reference;
  };
}

function folderOf(process: string, bundle: string, root: string): string {
  const places = bundleRoots(root).map((each) => join(each, process, bundle));
  return places.find(hasManifest) ?? join(root, process, bundle);
}
