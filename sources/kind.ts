/** What an entry in the list of kinds says, and what a source may ask of the program that opens it. */
import { CastwatchError } from '../base/errors.ts';
import type { OfflineRecord } from '../processors/offline.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import type { FlagName, SourceFlags } from './source-flags.ts';
import type { StoredReadings } from './kept/database.ts';
import type { KeptTopics } from './kept/topic.ts';
import type { InputProblem } from './input-problems.ts';
import type { ProductionSpan } from './simulator/truth.ts';
import type { Live, Replayable } from './source.ts';

/** What the program that opens a source gives it. A source asks for a part only if it needs it. */
export interface Surroundings {
  /** Called with the first few problems of each reason. */
  readonly onProblem?: (problem: InputProblem) => void;
  /** Called with every span that a simulation judges. */
  readonly onSpan?: (span: ProductionSpan) => void;
  /** Called with the share of kept history that is read, 0 to 1. */
  readonly onRead?: (share: number) => void;
  /** A folder of this installation and this process, where live sources keep their positions; made when it is not there. */
  readonly positions?: string;
  /** Opens the input topics of a running Castwatch. */
  readonly topics?: () => Promise<KeptTopics>;
  /** Opens the database of a running Castwatch. */
  readonly stored?: () => Promise<StoredReadings>;
}

interface Entry<Is extends string, Opened> {
  readonly is: Is;
  /** One line for `--help` and the docs. */
  readonly help: string;
  /** The flags that it reads; it ignores the others. */
  readonly flags: readonly FlagName[];
  /** Reads nothing yet. @throws CastwatchError CONFIGURATION, DEFINITION or INPUT when it can never work like this */
  open(
    definition: ProcessDefinition,
    flags: SourceFlags,
    surroundings: Surroundings,
  ): Opened | Promise<Opened>;
}

/** Gives the same records at each iteration. */
export interface ReplayableKind extends Entry<'replayable', Replayable> {
  /** It has no time of its own: it begins when `--start-time` says, and at plant speed it keeps to the clock. */
  readonly simulated?: true;
}

/** Replayable as well; its records are on the topics or in the tables already, so it is read and never published. */
export type KeptKind = Entry<'kept', Replayable<OfflineRecord>>;

/** Receives each value once. */
export type LiveKind = Entry<'live', Live>;

export type Kind = ReplayableKind | KeptKind | LiveKind;

/** @throws CastwatchError BUG when the program that opens a source did not give it what it needs */
export function given<T>(part: T | undefined, what: string): T {
  if (part === undefined) throw new CastwatchError('BUG', `a source was opened without ${what}`);
  return part;
}
