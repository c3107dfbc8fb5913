/** What people decide about models, as entries: promote, roll back, put beside, take away. */
import type { ModelEntry } from '../../schemas/generated/types.ts';
import { CastwatchError } from '../../base/errors.ts';
import { holder, rollbackTarget, type Entries, type Role } from './entries.ts';
import type { Draft, ModelRegistry } from './model-registry.ts';

export interface Decision {
  readonly by: string;
  readonly why: string;
}

/** A bundle as entries name it; see `describeBundle`. */
export type Described = Pick<ModelEntry, 'bundle' | 'checksum' | 'featureSet' | 'location'>;

const nobody: Described = { bundle: '', checksum: '', featureSet: '', location: '' };

/** Makes it the champion. Where it was challenger or shadow, it is that no longer. */
export async function promote(
  registry: ModelRegistry,
  process: string,
  bundle: Described,
  decision: Decision,
): Promise<ModelEntry> {
  const added = await registry.add(process, (entries) => {
    if (holder(entries, 'CHAMPION')?.bundle === bundle.bundle) throw hasItAlready(bundle.bundle, 'CHAMPION');
    return promotion(entries, bundle, decision);
  });
  return first(added);
}

export function promotion(entries: Entries, bundle: Described, decision: Decision): Draft[] {
  return [
    { ...bundle, ...decision, role: 'CHAMPION', action: 'PROMOTED', restores: null },
    ...withoutOtherRoles(entries, bundle, decision),
  ];
}

/** Who becomes champion is challenger or shadow no longer. */
function withoutOtherRoles(entries: Entries, { bundle }: Described, { by }: Decision): Draft[] {
  const others = (['CHALLENGER', 'SHADOW'] as const).filter(
    (role) => holder(entries, role)?.bundle === bundle,
  );
  return others.map((role) => ({
    ...nobody,
    by,
    why: 'it became champion',
    role,
    action: 'CLEARED',
    restores: null,
  }));
}

/** Makes the champion before the present one champion again; done twice, the one before that. */
export async function rollBack(
  registry: ModelRegistry,
  process: string,
  decision: Decision,
): Promise<ModelEntry> {
  const added = await registry.add(process, (entries) => {
    const target = rollbackTarget(entries);
    if (target === undefined) {
      const now = holder(entries, 'CHAMPION')?.bundle;
      throw new CastwatchError(
        'MODEL',
        now === undefined ? `${process} has no champion` : `${process} had no other champion before ${now}`,
        { remedy: 'Promote a bundle: `castwatch models promote BUNDLE --why …`.' },
      );
    }
    const { bundle, checksum, featureSet, location } = target;
    const restored = { bundle, checksum, featureSet, location };
    const restores = target.restores ?? target.sequence;
    return [
      { ...restored, ...decision, role: 'CHAMPION', action: 'ROLLED_BACK', restores },
      ...withoutOtherRoles(entries, restored, decision),
    ];
  });
  return first(added);
}

/** Puts it beside the champion. */
export async function assign(
  registry: ModelRegistry,
  process: string,
  role: Exclude<Role, 'CHAMPION'>,
  bundle: Described,
  decision: Decision,
): Promise<ModelEntry> {
  const added = await registry.add(process, (entries) => {
    for (const taken of ['CHAMPION', role] as const)
      if (holder(entries, taken)?.bundle === bundle.bundle) throw hasItAlready(bundle.bundle, taken);
    return [{ ...bundle, ...decision, role, action: 'ASSIGNED', restores: null }];
  });
  return first(added);
}

export async function clear(
  registry: ModelRegistry,
  process: string,
  role: Exclude<Role, 'CHAMPION'>,
  decision: Decision,
): Promise<ModelEntry> {
  const added = await registry.add(process, (entries) => {
    if (holder(entries, role) === undefined)
      throw new CastwatchError('MODEL', `${process} has no ${role.toLowerCase()}`);
    return [{ ...nobody, ...decision, role, action: 'CLEARED', restores: null }];
  });
  return first(added);
}

function first(added: Entries): ModelEntry {
  const [entry] = added;
  if (entry === undefined) throw new CastwatchError('BUG', 'a decision added no entry');
  return entry;
}

const hasItAlready = (bundle: string, role: Role): CastwatchError =>
  new CastwatchError('MODEL', `${bundle} is the ${role.toLowerCase()} already`, {
    remedy: '`castwatch models list` shows who has which role.',
  });
