/** Pure functions that derive roles from the entries of `models.v1`. `entries` are those of one process, in order. */
import type { ModelEntry } from '../../schemas/generated/types.ts';

export const roles = ['CHAMPION', 'CHALLENGER', 'SHADOW'] as const;
/** CHAMPION: its answers are the predictions. CHALLENGER: may become champion. SHADOW: is only observed. */
export type Role = (typeof roles)[number];

export type Entries = readonly ModelEntry[];

/** The entry that gives a bundle the role; undefined when no bundle has it. */
export function holder(entries: Entries, role: Role): ModelEntry | undefined {
  const newest = entries.findLast((entry) => entry.role === role);
  return newest?.bundle === '' ? undefined : newest;
}

/**
 * The entry whose bundle a rollback makes champion again: the nearest earlier one with another bundle. After a
 * rollback, the search starts at the restored entry, so a second rollback goes further back.
 */
export function rollbackTarget(entries: Entries): ModelEntry | undefined {
  const now = holder(entries, 'CHAMPION');
  if (now === undefined) return undefined;
  const from = now.restores ?? now.sequence;
  return entries.findLast(
    ({ role, sequence, bundle }) =>
      role === 'CHAMPION' && sequence < from && bundle !== '' && bundle !== now.bundle,
  );
}

/** Earlier champions, newest first, each bundle once, without the present champion. */
export function earlierChampions(entries: Entries): Entries {
  const now = holder(entries, 'CHAMPION');
  const seen = new Set([now?.bundle, '']);
  return entries.toReversed().filter(({ role, bundle }) => {
    if (role !== 'CHAMPION' || seen.has(bundle)) return false;
    seen.add(bundle);
    return true;
  });
}

/** The roles that a bundle has now. */
export const rolesOf = (entries: Entries, bundle: string): readonly Role[] =>
  roles.filter((role) => holder(entries, role)?.bundle === bundle);
