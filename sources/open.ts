/** Opens any source from flags. Publishing, the oracle and training all open their sources here, so they get the same records. */
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
  /** `all`, `none`, or kinds of faults separated by commas. */
  readonly faults: string;
}

/**
 * Opens a source. Equal flags give equal records when the source is replayable.
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
    source: requireReplayable(source, '--faults', 'adds the same faults each time'),
    definition,
    seed: flags.seed,
    kinds: faults,
  });
}

/** Opens a source to read history from. @throws CastwatchError as {@link openSource} */
export async function openHistory(
  definition: ProcessDefinition,
  from: HistoryName,
  flags: SourceFlags,
  surroundings: Surroundings,
): Promise<Replayable<OfflineRecord>> {
  return kinds[from].open(definition, flags, surroundings);
}

/**
 * Returns the source if it is replayable.
 * @param flag the flag that needs a replayable source
 * @param does what the flag does, as a verb phrase for the error
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
