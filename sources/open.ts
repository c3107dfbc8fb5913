/** Opens any source from flags, so that what is published, judged by the oracle and trained on is the same. */
import { CastwatchError } from '../base/errors.ts';
import type { OfflineRecord } from '../processors/offline.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import { parseFaults, withFaults } from './faults/faults.ts';
import type { SourceFlags } from './source-flags.ts';
import type { Surroundings } from './kind.ts';
import { kinds, type HistoryName, type PublishedName, type ReplayableName } from './kinds.ts';
import type { Replayable, Source } from './source.ts';

export interface PublishFlags extends SourceFlags {
  readonly source: PublishedName;
  /** `all`, `none` or kinds with commas between. */
  readonly faults: string;
}

/**
 * Equal flags give equal records if the source is replayable: results are checked against that.
 * @throws CastwatchError CONFIGURATION, DEFINITION or INPUT when the source does not fit its flags or the definition
 */
export function openSource(
  definition: ProcessDefinition,
  flags: PublishFlags & { readonly source: ReplayableName },
  surroundings?: Surroundings,
): Promise<Replayable>;
export function openSource(
  definition: ProcessDefinition,
  flags: PublishFlags,
  surroundings?: Surroundings,
): Promise<Source>;
export async function openSource(
  definition: ProcessDefinition,
  flags: PublishFlags,
  surroundings: Surroundings = {},
): Promise<Source> {
  const faults = parseFaults(flags.faults);
  const source = await kinds[flags.source].open(definition, flags, surroundings);
  if (faults.length === 0) return source;
  return withFaults({
    source: requireReplayable(source, '--faults', 'puts the same faults in each time, for comparison'),
    definition,
    seed: flags.seed,
    kinds: faults,
  });
}

/** @throws CastwatchError as {@link openSource} */
export async function openHistory(
  definition: ProcessDefinition,
  from: HistoryName,
  flags: SourceFlags,
  surroundings: Surroundings,
): Promise<Replayable<OfflineRecord>> {
  return kinds[from].open(definition, flags, surroundings);
}

/**
 * @param flag the flag that asks for it, and what it does
 * @throws CastwatchError CONFIGURATION when the source is live
 */
export function requireReplayable(source: Source, flag: string, does: string): Replayable {
  if (source.kind === 'replayable') return source;
  throw new CastwatchError(
    'CONFIGURATION',
    `${flag} ${does}. The source ${source.name} is live: it gives its records only once.`,
    { remedy: `Leave out ${flag}, or use a source that can be read again.` },
  );
}
