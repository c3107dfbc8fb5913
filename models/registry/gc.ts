/** Finds the bundles that have no role and that no rollback needs. */
import { rmSync } from 'node:fs';
import type { FoundBundle } from '../bundle/found-bundles.ts';
import { earlierChampions, holder, roles, type Entries } from './entries.ts';

/**
 * Keeps bundles that never had a role, because they may be newly trained.
 * @param defaults ids of bundles that `champion.json` names; they are kept
 * @param keep number of earlier champions to keep
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
