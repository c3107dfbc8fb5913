/** What is wrong with the roles, in one line. */
import type { SupervisedRole } from './supervisor.ts';

type Role = Pick<SupervisedRole, 'name' | 'status'>;

/** @param joining groups are just being made: what stands in the way of that is no problem yet */
export function problemsOf(roles: readonly Role[], joining = false): string | undefined {
  const problems = roles.flatMap((role) => {
    const { problems: told = [], halted = false } = role.status() ?? {};
    if (joining && !halted && told.length > 0) return [`${role.name}: joining`];
    return told.map((problem) => `${role.name}: ${problem}`);
  });
  return problems.length === 0 ? undefined : problems.join('; ');
}

export function haltedOf(roles: readonly Role[]): string | undefined {
  return problemsOf(roles.filter((role) => role.status()?.halted === true));
}
