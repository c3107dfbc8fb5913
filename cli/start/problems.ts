/** Sums up the problems of the roles in one line. */
import type { SupervisedRole } from './supervisor.ts';

type Role = Pick<SupervisedRole, 'name' | 'status'>;

/** @param joining consumer groups are forming: until they have formed, a waiting role is not a problem */
export function problemsOf(roles: readonly Role[], joining = false): string | undefined {
  const problems = roles.flatMap((role) => {
    const { problems: reported = [], halted = false } = role.status() ?? {};
    if (joining && !halted && reported.length > 0) return [`${role.name}: joining`];
    return reported.map((problem) => `${role.name}: ${problem}`);
  });
  return problems.length === 0 ? undefined : problems.join('; ');
}

export function haltedOf(roles: readonly Role[]): string | undefined {
  return problemsOf(roles.filter((role) => role.status()?.halted === true));
}
