/** Which bundles nobody uses and nothing can roll back to. */
import { rmSync } from 'node:fs';
import type { FoundBundle } from '../bundle/found-bundles.ts';
import { earlierChampions, holder, roles, type Entries } from './entries.ts';

/**
 * Bundles that never had a role stay: somebody has just trained them.
 * @param keep so many earlier champions stay
 */
export function removable(
  found: readonly FoundBundle[],
  entries: Entries,
  defaults: readonly string[],
  keep: number,
): readonly FoundBundle[] {
  const known = new Set(entries.map(({ bundle }) => bundle));
  const needed = new Set([
    ...roles.flatMap((role) => holder(entries, role)?.bundle ?? []),
    ...earlierChampions(entries)
      .slice(0, keep)
      .map(({ bundle }) => bundle),
    ...defaults,
  ]);
  return found.filter(({ bundle }) => known.has(bundle) && !needed.has(bundle));
}

export function removeBundle(folder: string): void {
  rmSync(folder, { recursive: true });
}
