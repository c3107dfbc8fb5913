/**
 * Sets the first champion of a process: the bundle that `champion.json` names becomes champion when the model
 * registry has none. Later, people's decisions apply. A default that an operator promoted while nothing was running
 * counts as a decision made at that time. A default that came with a new version replaces only an older default.
 */
import { join } from 'node:path';
import type { ModelEntry } from '../../schemas/generated/types.ts';
import { CastwatchError } from '../../base/errors.ts';
import { loadBundle } from '../bundle/bundle.ts';
import { readDefault, type DefaultChampion } from '../bundle/champion-file.ts';
import { promotion, type Described } from './decisions.ts';
import { holder } from './entries.ts';
import { bundleRoots, describeBundle } from '../bundle/places.ts';
import type { ModelRegistry } from './model-registry.ts';

/** The value of `by` in entries that no person decided. */
export const ourselves = 'castwatch';

/**
 * @returns the entry that was added, if one was
 * @throws CastwatchError MODEL when the default is damaged
 */
export async function applyDefault(
  registry: ModelRegistry,
  process: string,
  root: string,
): Promise<ModelEntry | undefined> {
  const found = findDefault(process, root);
  if (found === undefined) return undefined;
  const { named, folder } = found;
  // Usually there is nothing to do. Then nothing is locked or loaded.
  if (!isDue(named, holder(await registry.entries(process), 'CHAMPION'))) return undefined;
  const bundle = describeBundle(loadBundle(folder), root);
  const [added] = await registry.add(process, (entries) => {
    const champion = holder(entries, 'CHAMPION');
    return isDue(named, champion)
      ? promotion(entries, bundle, { by: named.by ?? ourselves, why: named.why ?? reason(champion) })
      : [];
  });
  return added;
}

export function isDue(named: DefaultChampion, champion: ModelEntry | undefined): boolean {
  if (champion === undefined) return true;
  if (champion.bundle === named.bundle) return false;
  if (named.at !== undefined) return Date.parse(named.at) > champion.eventTime;
  return champion.by === ourselves;
}

/**
 * The bundle that a process begins with, to compare another with.
 * @param out the folder that the other bundle is in; its `champion.json` counts first
 * @returns undefined when there is none, or when it cannot be loaded
 */
export function defaultEntry(process: string, out: string, root: string): Described | undefined {
  try {
    const here = readDefault('.', out);
    const folder = here === undefined ? findDefault(process, root)?.folder : join(out, here.bundle);
    return folder === undefined ? undefined : describeBundle(loadBundle(folder), root);
  } catch (error) {
    if (error instanceof CastwatchError && error.code === 'MODEL') return undefined;
    throw error;
  }
}

const reason = (champion: ModelEntry | undefined): string =>
  champion === undefined ? 'shipped default' : 'the shipped default has changed';

function findDefault(process: string, root: string) {
  for (const each of bundleRoots(root)) {
    const named = readDefault(process, each);
    if (named !== undefined) return { named, folder: join(each, process, named.bundle) };
  }
  return undefined;
}
