/** Looks up the reference of a bundle by its id, when the drift step sees the id for the first time. */
import { join } from 'node:path';
import type { Reference, ReferenceOf } from '../../processors/reference/reference.ts';
import { CastwatchError } from '../../base/errors.ts';
import { loadBundle } from './bundle.ts';
import { bundlesFolder } from './champion-file.ts';
import { bundleRoots, hasManifest } from './places.ts';

/**
 * Looks among the bundles below `root` and the shipped ones. Bundles never change, so each id is looked up once, and
 * a missing or damaged bundle is reported once.
 * @param onRefused called with the reason why a bundle has no reference
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
