/**
 * The one list of sources. `--source` of `start`, the argument of the source role, `--from` of training, and their help
 * follow from it.
 */
import { csv } from './csv/kind.ts';
import type { FlagName } from './source-flags.ts';
import { db } from './kept/database.ts';
import { topic } from './kept/topic.ts';
import type { Kind } from './kind.ts';
import { simulator } from './simulator/kind.ts';
import { tail } from './tail/kind.ts';

export const kinds = { simulator, csv, tail, topic, db } as const satisfies Readonly<Record<string, Kind>>;

export type KindName = keyof typeof kinds;
type NamesOf<Is extends Kind['is']> = {
  [Name in KindName]: (typeof kinds)[Name]['is'] extends Is ? Name : never;
}[KindName];

/** Sources whose results the oracle can check. */
export type ReplayableName = NamesOf<'replayable'>;
/** Sources that can be published. */
export type PublishedName = NamesOf<'replayable' | 'live'>;
/** Sources that models can learn from. */
export type HistoryName = NamesOf<'replayable' | 'kept'>;

const names = Object.keys(kinds) as readonly KindName[];
export const isLive = (name: KindName): name is NamesOf<'live'> => kinds[name].is === 'live';
export const isKept = (name: KindName): name is NamesOf<'kept'> => kinds[name].is === 'kept';

export const publishedNames = names.filter((name): name is PublishedName => !isKept(name));
export const historyNames = names.filter((name): name is HistoryName => !isLive(name));

/** Returns the kinds among these that read a flag. */
export function readersOf(flag: FlagName, among: readonly KindName[]): readonly KindName[] {
  return among.filter((name) => kinds[name].flags.includes(flag));
}

/** `simulator: …; csv: …`, for help. */
export const kindsHelp = (among: readonly KindName[]): string =>
  among.map((name) => `${name}: ${kinds[name].help}`).join('; ');
