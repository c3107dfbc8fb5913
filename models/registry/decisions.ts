/** Writes people's decisions about models as entries: promote, roll back, assign a role, clear a role. */
import type { ModelEntry } from '../../schemas/generated/types.ts';
import { CastwatchError } from '../../base/errors.ts';
import { holder, rollbackTarget, type Entries, type Role } from './entries.ts';
import type { Draft, ModelRegistry } from './model-registry.ts';
import { passGate, type PromotionDecision, type PromotionGate } from './promotion-gate.ts';

export interface Decision {
  readonly by: string;
  readonly why: string;
}

/** The fields of an entry that describe a bundle; see `describeBundle`. */
export type Described = Pick<ModelEntry, 'bundle' | 'checksum' | 'featureSet' | 'location'>;

const noBundle: Described = { bundle: '', checksum: '', featureSet: '', location: '' };

/**
 * Makes the bundle champion. If it was challenger or shadow, it loses that role.
 * @param gate compares it with the champion of this moment
 * @throws CastwatchError MODEL when the bundle is champion already, or when the gate refuses it
 */
export async function promote(
  registry: ModelRegistry,
  process: string,
  bundle: Described,
  decision: PromotionDecision,
  gate: PromotionGate,
): Promise<ModelEntry> {
  const added = await registry.add(process, (entries) => {
    const champion = holder(entries, 'CHAMPION');
    if (champion?.bundle === bundle.bundle) throw hasItAlready(bundle.bundle, 'CHAMPION');
    return promotion(entries, bundle, passGate(bundle.bundle, gate(bundle, champion), decision));
  });
  return first(added);
}

export function promotion(entries: Entries, bundle: Described, decision: Decision): Draft[] {
  return [
    { ...bundle, ...decision, role: 'CHAMPION', action: 'PROMOTED', restores: null },
    ...withoutOtherRoles(entries, bundle, decision),
  ];
}

/** Clears the roles challenger and shadow of a bundle that becomes champion. */
function withoutOtherRoles(entries: Entries, { bundle }: Described, { by }: Decision): Draft[] {
  const others = (['CHALLENGER', 'SHADOW'] as const).filter(
    (role) => holder(entries, role)?.bundle === bundle,
  );
  return others.map((role) => ({
    ...noBundle,
    by,
    why: 'it became champion',
    role,
    action: 'CLEARED',
    restores: null,
  }));
}

/** Makes the previous champion champion again. A second rollback restores the one before that. */
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

/** Makes the bundle challenger or shadow: it answers alongside the champion. */
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
    return [{ ...noBundle, ...decision, role, action: 'CLEARED', restores: null }];
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
    remedy: '`castwatch models list` shows which bundle has which role.',
  });
