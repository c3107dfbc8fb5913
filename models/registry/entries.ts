/** What the entries of `models.v1` say, taken together. Pure; `entries` are those of one process, in order. */
import type { ModelEntry } from '../../schemas/generated/types.ts';

export const roles = ['CHAMPION', 'CHALLENGER', 'SHADOW'] as const;
/** CHAMPION: its answers are the predictions. CHALLENGER: may become champion. SHADOW: is only watched. */
export type Role = (typeof roles)[number];

export type Entries = readonly ModelEntry[];

/** The entry by which a bundle has the role; undefined when nobody has it. */
export function holder(entries: Entries, role: Role): ModelEntry | undefined {
  const newest = entries.findLast((entry) => entry.role === role);
  return newest?.bundle === '' ? undefined : newest;
}

/**
 * What a rollback makes champion again: the nearest earlier entry with another bundle. Seen from the entry that
 * the newest one restored, so that a second rollback goes further back and not forth.
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

/** Earlier champions, newest first, each bundle once and without the present one. */
export function earlierChampions(entries: Entries): Entries {
  const now = holder(entries, 'CHAMPION');
  const seen = new Set([now?.bundle, '']);
  return entries.toReversed().filter(({ role, bundle }) => {
    if (role !== 'CHAMPION' || seen.has(bundle)) return false;
    seen.add(bundle);
    return true;
  });
}

/** Roles that a bundle has now. */
export const rolesOf = (entries: Entries, bundle: string): readonly Role[] =>
  roles.filter((role) => holder(entries, role)?.bundle === bundle);
